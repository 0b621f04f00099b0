# Sourced by generate.sh and check.sh: reads pki.toml and knows what both must agree on. Needs bash 4.3 and openssl 3.0.

export LC_ALL=C
# The configuration of the system must not change what is made here (some refuse SHA-1 or short keys).
export OPENSSL_CONF=/dev/null

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly description="$here/pki.toml"
readonly password_file="$here/password.txt"
readonly key_mark='# TEST KEY - WORTHLESS - KHOA THU NGHIEM, KHONG CO GIA TRI'
# Everything generated lives in these folders; nothing else may.
readonly generated=(ca crl crl-2030 trust agencies persons hubs tsa ocsp bad)

stop() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

require_openssl() {
  local version
  version=$(openssl version 2>/dev/null) || stop "openssl is not installed"
  [[ $version =~ ^OpenSSL\ [3-9]\. ]] || stop "needs OpenSSL 3.0 or later, found: $version"
}

# Calls $2 once for each [[$1]] of the description, with its keys and values in the associative array `entry`.
# A line that is no comment, header or `key = "value"` stops the script: nothing is skipped silently.
declare -A entry
for_each() {
  local wanted=$1 callback=$2 kind="" line number=0
  local lines
  mapfile -t lines <"$description"
  entry=()
  for line in "${lines[@]}" "[[end]]"; do
    number=$((number + 1))
    if [[ -z $line || $line == \#* ]]; then
      continue
    elif [[ $line =~ ^\[\[([a-z]+)\]\]$ ]]; then
      local next=${BASH_REMATCH[1]}
      [[ $kind != "$wanted" ]] || "$callback"
      kind=$next
      entry=()
    elif [[ $line =~ ^([a-z_0-9]+)\ =\ \"([^\"\\]*)\"$ ]]; then
      entry[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    else
      stop "pki.toml:$number: not understood: $line"
    fi
  done
}

# Eight bytes that depend on the file name alone; the first is 0x40..0x7f, so the number is positive and never shorter.
serial_of() {
  local digest head
  digest=$(printf 'lienthong test pki %s' "$1" | openssl dgst -sha256 -r)
  head=$((0x${digest:0:2} & 0x3f | 0x40))
  digest=${digest:2:14}
  printf '%02X%s' "$head" "${digest^^}"
}

# 2024-06-01 -> 20240601000000Z
asn1_time() {
  printf '%s000000Z' "${1//-/}"
}

# Where the CRL of an issuer is published: ca/agencies -> agencies.crl, bad/hidden-ca -> bad/hidden-ca.crl
crl_url() {
  printf 'http://crl.lienthong.invalid/%s.crl' "${1#ca/}"
}

table_row() {
  local wrong=${entry[fault]} wants=${entry[verdict]} suffixes="crt key"
  [[ -z ${entry[p12]:-} ]] || suffixes+=" p12"
  local subject=${entry[subject]#/}
  printf '| `%s` | %s | %s | %s | %s → %s | %s | %s |\n' "${entry[file]}" "$suffixes" "${subject//\//, }" "${entry[key]}" \
    "${entry[from]}" "${entry[until]}" "$wrong" "$wants"
}

# The table of README.md.
table() {
  printf '| File | Suffixes | Subject | Key | Validity | What is wrong | Expected verdict |\n|---|---|---|---|---|---|---|\n'
  for_each certificate table_row
}
