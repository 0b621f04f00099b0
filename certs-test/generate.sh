#!/usr/bin/env bash
# Makes the test PKI from pki.toml with bash and openssl (3.0 or later), nothing else.
#
#   generate.sh            make it; refuses if any of it exists
#   generate.sh --force    make it anew (new keys!) and replace the old one once everything has succeeded
#   generate.sh --out DIR  make it in DIR instead of beside this script
#   generate.sh --table    print the table of README.md and stop
#
# Names, serial numbers, dates and extensions are the same on every run; keys and signatures are not.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/pki.sh"

usage() {
  stop "usage: generate.sh [--force] [--out DIR] | --table" 2
}

# Extensions of the certificate in `entry`, as a section of an OpenSSL configuration.
extensions() {
  local leaf_usage="keyUsage=critical,digitalSignature,nonRepudiation"
  case ${entry[profile]} in
    root) authority "pathlen:1" ;;
    issuing-ca) authority "pathlen:0" && published "2.5.29.32.0" ;;
    agency) leaf "$leaf_usage" && published "$policies.1" ;;
    agency-encipher) leaf "keyUsage=critical,keyEncipherment" && published "$policies.1" ;;
    agency-ca)
      printf '%s\n' "basicConstraints=critical,CA:TRUE" "keyUsage=critical,digitalSignature,nonRepudiation,keyCertSign,cRLSign"
      published "$policies.1"
      ;;
    person) leaf "$leaf_usage" && published "$policies.2" ;;
    hub-sign) leaf "$leaf_usage" && published "$policies.3" && printf 'extendedKeyUsage=emailProtection\n' ;;
    hub-tls) leaf "keyUsage=critical,digitalSignature" && hub_names ;;
    tsa) leaf "$leaf_usage" && published "$policies.4" && printf 'extendedKeyUsage=critical,timeStamping\n' ;;
    ocsp)
      leaf "keyUsage=critical,digitalSignature"
      printf '%s\n' "extendedKeyUsage=OCSPSigning" "noCheck=ignored" "certificatePolicies=$policies.5"
      ;;
    *) stop "${entry[file]}: no such profile: ${entry[profile]}" ;;
  esac
  printf 'subjectKeyIdentifier=hash\n'
  [[ ${entry[issuer]} == self ]] || printf 'authorityKeyIdentifier=keyid:always\n'
}

# Below the arc that IANA keeps for examples (RFC 5612): 1 agency, 2 person, 3 hub, 4 TSA, 5 OCSP responder.
readonly policies=1.3.6.1.4.1.32473.21

authority() {
  printf '%s\n' "basicConstraints=critical,CA:TRUE,$1" "keyUsage=critical,keyCertSign,cRLSign"
}

leaf() {
  printf '%s\n' "basicConstraints=CA:FALSE" "$1"
}

published() {
  printf '%s\n' "certificatePolicies=$1" "crlDistributionPoints=URI:$(crl_url "${entry[issuer]}")" \
    "authorityInfoAccess=OCSP;URI:http://ocsp.ca.ptc.invalid"
}

hub_names() {
  local name=${entry[file]#hubs/}
  printf '%s\n' "extendedKeyUsage=serverAuth,clientAuth" \
    "subjectAltName=DNS:localhost,DNS:hub-${name%.tls}.lienthong.invalid,IP:127.0.0.1"
}

# The configuration of one run of `openssl ca`; $1 is the text of its extension section.
configuration() {
  cat <<CONF
[req]
distinguished_name = empty
string_mask = utf8only
utf8 = yes
[empty]
[ca]
default_ca = authority
[authority]
database = $work/index.txt
serial = $work/serial
crlnumber = $work/crlnumber
new_certs_dir = $work
default_md = ${entry[digest]:-sha256}
unique_subject = no
policy = anything
crl_extensions = crl_extensions
[anything]
commonName = supplied
[crl_extensions]
authorityKeyIdentifier = keyid:always
[extensions]
$1
CONF
}

# Runs openssl quietly; what it said is shown only if it failed.
run_openssl() {
  openssl "$@" >"$work/said" 2>&1 || stop "${entry[file]}: openssl $1 failed: $(<"$work/said")"
}

make_key() {
  local plain=$work/plain.key options=()
  case ${entry[key]} in
    rsa*) options=(-algorithm RSA -pkeyopt "rsa_keygen_bits:${entry[key]#rsa}") ;;
    p256) options=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve) ;;
    *) stop "${entry[file]}: no such key: ${entry[key]}" ;;
  esac
  run_openssl genpkey "${options[@]}" -out "$plain"
  printf '%s\n%s\n' "$key_mark" "$(<"$plain")" >"$1.key"
}

# An empty database for each certificate: the serial number comes from the name, and nothing is remembered between two.
fresh_database() {
  : >"$work/index.txt"
  printf '%s\n' "$(serial_of "${entry[file]}")" >"$work/serial"
}

make_certificate() {
  local target=$stage/${entry[file]} issuer=$stage/${entry[issuer]} signer section
  mkdir -p "${target%/*}"
  make_key "$target"
  fresh_database
  section=$(extensions)
  configuration "$section" >"$work/openssl.cnf"
  run_openssl req -new -utf8 -config "$work/openssl.cnf" -key "$target.key" -subj "${entry[subject]}" -out "$work/request"
  if [[ ${entry[issuer]} == self ]]; then
    signer=(-selfsign -keyfile "$target.key")
  else
    signer=(-cert "$issuer.crt" -keyfile "$issuer.key")
  fi
  run_openssl ca -config "$work/openssl.cnf" -batch -notext -preserveDN -in "$work/request" -out "$target.crt" "${signer[@]}" \
    -extensions extensions -startdate "$(asn1_time "${entry[from]}")" -enddate "$(asn1_time "${entry[until]}")"
  make_p12 "$target" "$issuer.crt"
}

make_p12() {
  local chain=()
  case ${entry[p12]:-} in
    "") return 0 ;;
    with-issuer) chain=(-certfile "$2") ;;
    alone) ;;
    *) stop "${entry[file]}: p12 is neither with-issuer nor alone: ${entry[p12]}" ;;
  esac
  run_openssl pkcs12 -export -inkey "$1.key" -in "$1.crt" "${chain[@]}" -name "${entry[name]}" -out "$1.p12" \
    -passout "file:$password_file" -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -iter 10000
}

# What `openssl ca` would have kept in its database about a revoked certificate: issuer, date, line.
revocations=()
note_revocation() {
  [[ -n ${entry[revoked]:-} ]] || return 0
  local date line
  date=$(asn1_time "${entry[revoked]}")
  printf -v line 'R\t%s\t%s,%s\t%s\tunknown\t/CN=%s' "$(asn1_time "${entry[until]}")" "${date:2}" "${entry[reason]}" \
    "$(serial_of "${entry[file]}")" "${entry[file]//\//-}"
  revocations+=("${entry[issuer]} ${entry[revoked]} $line")
}

# A CRL holds what its issuer had revoked when it was issued.
make_crl() {
  local target=$stage/${entry[file]} issuer=$stage/${entry[issuer]} of date line
  mkdir -p "${target%/*}"
  configuration "" >"$work/openssl.cnf"
  printf '%s\n' "${entry[number]}" >"$work/crlnumber"
  : >"$work/index.txt"
  for line in "${revocations[@]}"; do
    read -r of date line <<<"$line"
    if [[ $of == "${entry[issuer]}" && ! $date > "${entry[this_update]}" ]]; then
      printf '%s\n' "$line" >>"$work/index.txt"
    fi
  done
  run_openssl ca -config "$work/openssl.cnf" -gencrl -cert "$issuer.crt" -keyfile "$issuer.key" \
    -crl_lastupdate "$(asn1_time "${entry[this_update]}")" -crl_nextupdate "$(asn1_time "${entry[next_update]}")" \
    -out "$work/crl.pem"
  run_openssl crl -in "$work/crl.pem" -outform DER -out "$target"
}

existing() {
  local folder
  for folder in "${generated[@]}"; do
    [[ ! -e $out/$folder ]] || printf '%s ' "$folder"
  done
}

# Only now is the old PKI touched.
put_in_place() {
  local folder
  for folder in "${generated[@]}"; do
    rm -rf -- "${out:?}/$folder"
    mv -- "$stage/$folder" "$out/$folder"
  done
}

main() {
  local force=no found
  out=$here
  while (($# > 0)); do
    case $1 in
      --force) force=yes ;;
      --out) out=${2:-}; [[ -d $out ]] || stop "--out needs an existing folder" 2; shift ;;
      --table) table; return 0 ;;
      *) usage ;;
    esac
    shift
  done
  require_openssl
  found=$(existing)
  [[ -z $found || $force == yes ]] || stop "already there: ${found}(use --force to replace them, keys and all)" 6
  umask 022
  stage=$(mktemp -d "$out/.stage.XXXXXX")
  trap 'rm -rf -- "$stage"' EXIT
  work=$stage/work
  mkdir "$work" "$stage/trust"
  for_each certificate make_certificate
  for_each certificate note_revocation
  for_each crl make_crl
  cp "$stage/ca/root.crt" "$stage/trust/root.crt"
  put_in_place
  printf 'made the test PKI in %s\n' "$out"
}

main "$@"
