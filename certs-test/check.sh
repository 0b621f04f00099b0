#!/usr/bin/env bash
# Holds the generated test PKI against pki.toml with openssl as the judge: every file is there and none besides, every
# certificate is what its entry says, good ones verify, and each bad one fails for the reason named and for no other.
# Exit 0 only if all of it held.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/pki.sh"

readonly in_2026=1767225600 in_2030=1893542400
readonly protection="PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256"
checks=0
failures=0
declare -A known=()

# expect WHAT WANTED FOUND
expect() {
  checks=$((checks + 1))
  [[ $2 != "$3" ]] || return 0
  failures=$((failures + 1))
  printf 'FAILED %s: expected "%s", found "%s"\n' "$1" "$2" "$3" >&2
}

# expect_text WHAT PART TEXT
expect_text() {
  local found=missing
  [[ $3 != *"$2"* ]] || found=present
  expect "$1 has \"$2\"" present "$found"
}

# expect_success WHAT COMMAND...
expect_success() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then said=success; fi
  expect "$what" success "$said"
}

# Runs `openssl verify` with nothing but the given options; prints `ok`, or the first error and its depth.
verdict_of() {
  local said
  if said=$(openssl verify -no-CApath -no-CAstore -x509_strict "$@" 2>&1); then
    printf 'ok'
  elif [[ $said =~ error\ ([0-9]+\ at\ [0-9]+)\ depth ]]; then
    printf '%s' "${BASH_REMATCH[1]}"
  else
    printf 'not judged: %s' "$said"
  fi
}

# Runs openssl to prepare something; a failure stops the check with what openssl said.
prepare() {
  openssl "$@" >"$work/said" 2>&1 || stop "openssl $1 failed: $(<"$work/said")"
}

purpose_of() {
  case $1 in
    agency* | person | hub-sign) printf 'smimesign' ;;
    hub-tls) printf 'sslserver' ;;
    tsa) printf 'timestampsign' ;;
    ocsp) printf 'ocsphelper' ;;
    *) printf 'any' ;;
  esac
}

key_name() {
  case $1 in
    *"ASN1 OID: prime256v1"*) printf 'p256' ;;
    *"rsaEncryption"*) [[ $1 =~ Public-Key:\ \(([0-9]+)\ bit\) ]] && printf 'rsa%s' "${BASH_REMATCH[1]}" ;;
  esac
}

check_files() {
  local suffix
  for suffix in crt key ${entry[p12]:+p12}; do
    known[${entry[file]}.$suffix]=yes
    [[ -f ${entry[file]}.$suffix ]] || stop "${entry[file]}.$suffix is missing"
  done
}

check_contents() {
  local file=${entry[file]} text lines
  mapfile -t lines < <(openssl x509 -in "$file.crt" -noout -serial -startdate -enddate -subject -dateopt iso_8601 \
    -nameopt utf8,sep_comma_plus,sname)
  expect "$file serial" "serial=$(serial_of "$file")" "${lines[0]}"
  expect "$file start" "notBefore=${entry[from]} 00:00:00Z" "${lines[1]}"
  expect "$file end" "notAfter=${entry[until]} 00:00:00Z" "${lines[2]}"
  local subject=${entry[subject]#/}
  expect "$file subject" "subject=${subject//\//,}" "${lines[3]}"
  [[ $subject == *TEST* || $subject == *"(THỬ NGHIỆM)"* ]] || expect "$file subject is marked" TEST "$subject"
  text=$(openssl x509 -in "$file.crt" -noout -text)
  expect "$file key" "${entry[key]}" "$(key_name "$text")"
  check_extensions "$text"
}

check_extensions() {
  local file=${entry[file]} ca="CA:FALSE" usage="Digital Signature, Non Repudiation" more=() part
  case ${entry[profile]} in
    root) ca="CA:TRUE, pathlen:1" usage="Certificate Sign, CRL Sign" ;;
    issuing-ca) ca="CA:TRUE, pathlen:0" usage="Certificate Sign, CRL Sign" ;;
    agency-ca) ca="CA:TRUE" usage+=", Certificate Sign, CRL Sign" ;;
    agency-encipher) usage="Key Encipherment" ;;
    hub-tls)
      usage="Digital Signature"
      more=("TLS Web Server Authentication, TLS Web Client Authentication" "DNS:localhost, DNS:hub-" "IP Address:127.0.0.1")
      ;;
    hub-sign) more=("E-mail Protection") ;;
    tsa) more=($'X509v3 Extended Key Usage: critical\n                Time Stamping\n') ;;
    ocsp) usage="Digital Signature" more=("OCSP Signing" "OCSP No Check") ;;
  esac
  more+=("$ca"$'\n' $'X509v3 Key Usage: critical\n                '"$usage"$'\n' "X509v3 Subject Key Identifier")
  if [[ ${entry[issuer]} != self ]]; then
    more+=("X509v3 Authority Key Identifier" "X509v3 Certificate Policies")
    [[ ${entry[profile]} == ocsp ]] ||
      more+=("URI:$(crl_url "${entry[issuer]}")" "OCSP - URI:http://ocsp.ca.ptc.invalid")
  fi
  for part in "${more[@]}"; do expect_text "$file" "$part" "$1"; done
  expect_text "$file" "Signature Algorithm: $(signature_name)" "$1"
}

signature_name() {
  if [[ ${entry[issuer]} == self && ${entry[key]} == p256 ]]; then
    printf 'ecdsa-with-SHA256'
  else
    printf '%sWithRSAEncryption' "${entry[digest]:-sha256}"
  fi
}

check_key() {
  local file=${entry[file]} first
  read -r first <"$file.key"
  expect "$file.key is marked" "$key_mark" "$first"
  expect "$file.key belongs to the certificate" "$(openssl x509 -in "$file.crt" -noout -pubkey)" \
    "$(openssl pkey -in "$file.key" -pubout)"
}

check_p12() {
  [[ -n ${entry[p12]:-} ]] || return 0
  local file=${entry[file]} text said bare part wanted=2
  [[ ${entry[p12]} == with-issuer ]] || wanted=1
  text=$(openssl pkcs12 -in "$file.p12" -passin "file:$password_file" -info -nodes 2>"$work/said") || true
  said=$(<"$work/said")
  bare=${text//BEGIN CERTIFICATE/}
  expect "$file.p12 certificates" "$wanted" $(((${#text} - ${#bare}) / 17))
  for part in "Shrouded Keybag: $protection" "PKCS7 Encrypted data: $protection" "MAC: sha256, Iteration 10000"; do
    expect_text "$file.p12" "$part" "$said"
  done
  expect_text "$file.p12" "friendlyName" "$text"
  expect_text "$file.p12" "$(openssl x509 -in "$file.crt")" "$text"
  [[ ${entry[p12]} != with-issuer ]] || expect_text "$file.p12" "$(openssl x509 -in "${entry[issuer]}.crt")" "$text"
  expect "$file.p12 key" "$(openssl pkey -in "$file.key" -pubout)" "$(openssl pkey -pubout <<<"$text")"
  expect_success "$file.p12 refuses another password" wrong_password "$file.p12"
}

wrong_password() {
  ! openssl pkcs12 -in "$1" -passin pass:other -noout 2>&1
}

# The verdict at 2026-01-01, as a verifier sees it that has trust/, crl/ and what the signer brings along.
check_verdict() {
  local file=${entry[file]} issuer=${entry[issuer]} chain=() revocation=(-crl_check_all) list
  for list in crl/*.crl; do revocation+=(-CRLfile "$list"); done
  [[ ! -f $issuer.crl ]] || revocation+=(-CRLfile "$issuer.crl")
  [[ $issuer == self || $issuer == ca/root || ${entry[p12]:-} == alone ]] || chain=(-untrusted "$issuer.crt")
  local purpose
  purpose=$(purpose_of "${entry[profile]}")
  local -a trust=(-CAfile trust/root.crt) level=(-auth_level 2) time=(-attime "$in_2026") use=(-purpose "$purpose")
  expect "$file verdict" "${entry[openssl]}" \
    "$(verdict_of "${time[@]}" "${trust[@]}" "${chain[@]}" "${level[@]}" "${use[@]}" "${revocation[@]}" "$file.crt")"
  [[ ${entry[openssl]} != ok ]] || return 0
  # Only the named thing is wrong: without that one check it verifies.
  case ${entry[openssl]% at *} in
    9 | 10) time=(-attime "$(middle_of "${entry[from]}")") revocation=() ;;
    18) trust=(-CAfile "$file.crt") revocation=() ;;
    19) trust=(-CAfile "$issuer.crt") ;;
    20) chain=(-untrusted "$issuer.crt") ;;
    23) revocation=() ;;
    26) use=(-purpose any) ;;
    66 | 68) level=(-auth_level 0) ;;
  esac
  expect "$file without its fault" ok \
    "$(verdict_of "${time[@]}" "${trust[@]}" "${chain[@]}" "${level[@]}" "${use[@]}" "${revocation[@]}" "$file.crt")"
}

# Half a year into the first year of validity, in seconds since 1970 (leap days counted).
middle_of() {
  local year=${1%%-*}
  printf '%s' $((((year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400 + 182) * 86400))
}

check_certificate() {
  check_files
  check_contents
  check_key
  check_p12
  check_verdict
  [[ ${entry[profile]} != hub-tls ]] || check_hub_names
  [[ -z ${entry[revoked]:-} ]] || revoked+=("${entry[issuer]} ${entry[revoked]} $(serial_of "${entry[file]}")")
}

check_hub_names() {
  local file=${entry[file]} name=${entry[file]#hubs/} option
  for option in "-verify_hostname localhost" "-verify_hostname hub-${name%.tls}.lienthong.invalid" "-verify_ip 127.0.0.1" \
    "-purpose sslclient"; do
    # shellcheck disable=SC2086 # an option and its value
    expect "$file $option" ok "$(verdict_of -attime "$in_2026" -CAfile "$file.crt" $option "$file.crt")"
  done
}

revoked=()
check_crl() {
  local file=${entry[file]} issuer=${entry[issuer]} lines text of date serial wanted="" found=""
  known[$file]=yes
  mapfile -t lines < <(openssl crl -in "$file" -noout -lastupdate -nextupdate -crlnumber -dateopt iso_8601)
  expect "$file this update" "lastUpdate=${entry[this_update]} 00:00:00Z" "${lines[0]}"
  expect "$file next update" "nextUpdate=${entry[next_update]} 00:00:00Z" "${lines[1]}"
  expect "$file number" "crlNumber=0x${entry[number]}" "${lines[2]}"
  expect_text "$file" "verify OK" "$(openssl crl -in "$file" -inform DER -noout -CAfile "$issuer.crt" 2>&1)"
  text=$(openssl crl -in "$file" -noout -text)
  for line in "${revoked[@]}"; do
    read -r of date serial <<<"$line"
    if [[ $of == "$issuer" && ! $date > "${entry[this_update]}" ]]; then
      wanted+="$serial "
      [[ $text != *"Serial Number: $serial"* ]] || found+="$serial "
    fi
  done
  expect "$file revokes" "$wanted" "$found"
  local bare=${text//Serial Number: /}
  expect "$file entries" $((${#wanted} / 17)) $(((${#text} - ${#bare}) / 15))
}

check_unlisted() {
  local folder file
  known[trust/root.crt]=yes
  shopt -s globstar nullglob dotglob
  for folder in "${generated[@]}"; do
    for file in "$folder"/**; do
      [[ ! -f $file ]] || expect "$file is described" yes "${known[$file]:-no}"
    done
  done
  expect "trust/root.crt" "$(<ca/root.crt)" "$(<trust/root.crt)"
}

check_particular() {
  local chain=(-untrusted ca/agencies.crt -CRLfile crl-2030/root.crl -CRLfile crl-2030/agencies.crl -crl_check_all)
  chain+=(-CAfile trust/root.crt -attime "$in_2030")
  expect "revoked-later in 2030" "23 at 0" "$(verdict_of "${chain[@]}" bad/revoked-later.crt)"
  expect "revoked in 2030" "23 at 0" "$(verdict_of "${chain[@]}" bad/revoked.crt)"
  expect "a good one in 2030" ok "$(verdict_of "${chain[@]}" agencies/iadom.crt)"
  expect "without a CRL" "3 at 0" "$(verdict_of -attime "$in_2026" -crl_check_all -CAfile trust/root.crt \
    -untrusted ca/agencies.crt agencies/iadom.crt)"
  expect "name-lookalike has the subject of iadom" "$(openssl x509 -in agencies/iadom.crt -noout -subject)" \
    "$(openssl x509 -in bad/name-lookalike.crt -noout -subject)"
  expect "password, without a line end" khong-gia-tri. "$(cat "$password_file" && printf .)"
}

check_cms() {
  local hub
  for hub in central province district commune; do
    prepare cms -sign -binary -in pki.toml -signer "hubs/$hub.sign.crt" -inkey "hubs/$hub.sign.key" -certfile ca/services.crt \
      -md sha256 -outform DER -out "$work/cms"
    expect_success "CMS by hub $hub" openssl cms -verify -binary -inform DER -in "$work/cms" -content pki.toml \
      -CAfile trust/root.crt -no-CApath -no-CAstore -purpose any -out "$work/content"
  done
}

# ocsp_answer AUTHORITY FILE: what the delegated responder says, checked up to the root
ocsp_answer() {
  local about=(-issuer "ca/$1.crt" -cert "$2.crt")
  prepare ocsp "${about[@]}" -no_nonce -reqout "$work/request"
  prepare ocsp -index "$work/index" -CA "ca/$1.crt" -rsigner "ocsp/$1.crt" -rkey "ocsp/$1.key" -ndays 1 \
    -reqin "$work/request" -respout "$work/response"
  openssl ocsp "${about[@]}" -respin "$work/response" -CAfile trust/root.crt -no-CApath -no-CAstore \
    -verify_other "ca/$1.crt" 2>&1 || true
}

check_ocsp() {
  local serial file
  for file in agencies/iadom persons/iadom-leader hubs/commune.sign; do
    printf 'V\t20990101000000Z\t\t%s\tunknown\t/CN=%s\n' "$(serial_of "$file")" "${file//\//-}"
  done >"$work/index"
  serial=$(serial_of bad/revoked)
  printf 'R\t20990101000000Z\t240601000000Z,keyCompromise\t%s\tunknown\t/CN=bad-revoked\n' "$serial" >>"$work/index"
  local said authority status
  while read -r authority file status; do
    said=$(ocsp_answer "$authority" "$file")
    expect_text "OCSP answer on $file" "Response verify OK" "$said"
    expect_text "OCSP answer on $file" "$file.crt: $status" "$said"
  done <<'CASES'
agencies agencies/iadom good
agencies bad/revoked revoked
persons persons/iadom-leader good
services hubs/commune.sign good
CASES
}

check_tsa() {
  printf '[tsa]\ndefault_policy=1.3.6.1.4.1.32473.21.4\nserial=%s\ndigests=sha256\nsigner_digest=sha256\n' "$work/serial" \
    >"$work/tsa.cnf"
  printf '01\n' >"$work/serial"
  prepare ts -query -data pki.toml -sha256 -cert -out "$work/query"
  prepare ts -reply -config "$work/tsa.cnf" -section tsa -queryfile "$work/query" -signer tsa/tsa.crt -inkey tsa/tsa.key \
    -chain ca/services.crt -out "$work/reply"
  expect_success "time stamp" openssl ts -verify -in "$work/reply" -queryfile "$work/query" -CAfile trust/root.crt \
    -untrusted ca/services.crt
}

# The table of README.md stands between two marks and says what pki.toml says.
check_readme() {
  local readme wanted
  readme=$(<README.md)
  wanted=$(table)
  readme=${readme#*"<!-- table -->"$'\n'}
  expect "table of README.md" "$wanted" "${readme%$'\n'"<!-- end of table -->"*}"
}

main() {
  require_openssl
  cd "$here"
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  for_each certificate check_certificate
  for_each crl check_crl
  check_unlisted
  check_particular
  check_cms
  check_ocsp
  check_tsa
  check_readme
  printf '%d checks, %d failed\n' "$checks" "$failures"
  ((failures == 0))
}

main "$@"
