//! CMS-10 to CMS-13: signature values, weak algorithms, and what nobody signed beside a signature.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};

use super::super::attack::cms::{Cms, SignerInfo, TIME_STAMP, TST_INFO, attribute, tst_info};
use super::super::attack::der::{
    algorithm, context, int, long_form, null, octets, oid, seq, tlv, unsigned,
};
use super::super::attack::identity::{Draft, Identity, SHA256, Scheme, crl, p256, rsa, world};
use super::super::attack::judge::{CRYPTO, evidence_of};
use super::super::attack::signed::Doc;
use super::Case;

super::rows! {
    cms_10_the_padding_of_rsa_is_forged: rsa_padding;
    cms_11_the_values_of_a_curve_are_bent: curve_values;
    cms_12_the_algorithms_are_weak: weak_algorithms;
    cms_13_what_is_not_signed_raises_no_trust: unsigned_attributes;
}

const INVALID: &str = "SIGNATURE_INVALID";

/// The document of `signer` with a signature value made from the bytes to be signed.
fn valued(signer: &Identity, value: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    Doc::small().by(signer).sealed_with(|cms| {
        let tbs = cms.signer().to_be_signed();
        cms.signer().value = Some(value(&tbs));
    })
}

fn digest_info(tbs: &[u8], parameters: &[u8]) -> Vec<u8> {
    seq(&[
        &algorithm(SHA256, parameters),
        &octets(&openssl::sha::sha256(tbs)),
    ])
}

/// `00 kind FF… 00 info rest`, the filling as long as is needed or `filling` bytes.
fn block(kind: u8, fill: u8, filling: Option<usize>, info: &[u8], size: usize) -> Vec<u8> {
    let filling = filling.unwrap_or(size - 3 - info.len());
    let mut out = vec![0, kind];
    out.extend(vec![fill; filling]);
    out.push(0);
    out.extend_from_slice(info);
    out.resize(size, 0xA5);
    out
}

/// What the private key makes of a block as it stands.
fn raw(signer: &Identity, block: &[u8]) -> Vec<u8> {
    let key = signer.key.rsa().unwrap();
    let mut out = vec![0; block.len()];
    key.private_encrypt(block, &mut out, Padding::NONE).unwrap();
    out
}

/// The smallest number whose cube is not below `target`.
fn cube_root(target: &BigNumRef) -> BigNum {
    let mut context = BigNumContext::new().unwrap();
    let mut root = BigNum::new().unwrap();
    for bit in (0..target.num_bits() / 3 + 1).rev() {
        let mut square = BigNum::new().unwrap();
        let mut cube = BigNum::new().unwrap();
        root.set_bit(bit).unwrap();
        square.sqr(&root, &mut context).unwrap();
        cube.checked_mul(&square, &root, &mut context).unwrap();
        if cube.as_ref() >= target {
            root.clear_bit(bit).unwrap();
        }
    }
    root.add_word(1).unwrap();
    root
}

/// A key of exponent three, whose cubes an attacker can take without it.
fn third_power() -> Identity {
    let exponent = BigNum::from_u32(3).unwrap();
    let key = PKey::from_rsa(Rsa::generate_with_e(2048, &exponent).unwrap()).unwrap();
    Draft::signer("Three").mint(key, Scheme::Rsa, Some(&world().root))
}

fn rsa_padding() -> Vec<Case> {
    let signer = &world().rsa;
    let with = |make: &dyn Fn(&[u8]) -> Vec<u8>| valued(signer, |tbs| raw(signer, &make(tbs)));
    let info = |tbs: &[u8]| digest_info(tbs, &null());
    let sound = with(&|tbs| block(1, 0xff, None, &info(tbs), 256));
    let garbage = with(&|tbs| block(1, 0xff, Some(8), &info(tbs), 256));
    let no_null = with(&|tbs| block(1, 0xff, None, &digest_info(tbs, &[]), 256));
    let bare = with(&|tbs| block(1, 0xff, None, &openssl::sha::sha256(tbs), 256));
    let encrypted = with(&|tbs| block(2, 0xff, None, &info(tbs), 256));
    let zeros = with(&|tbs| block(1, 0, None, &info(tbs), 256));
    let parameters = with(&|tbs| block(1, 0xff, None, &digest_info(tbs, &octets(&[7; 150])), 256));
    let long = with(&|tbs| block(1, 0xff, None, &long_form(&info(tbs)), 256));
    let three = third_power();
    let forged = valued(&three, |tbs| {
        let wish = block(1, 0xff, Some(8), &info(tbs), 256);
        let root = cube_root(&BigNum::from_slice(&wish).unwrap());
        root.to_vec_padded(256).unwrap()
    });
    let case = |what: &str, file| Case::new(what, file, CRYPTO, INVALID);
    let plus_modulus = valued(signer, |tbs| {
        let value = BigNum::from_slice(&signer.sign(tbs)).unwrap();
        let key = signer.key.rsa().unwrap();
        (&value + key.n()).to_vec()
    });
    vec![
        Case::passes("the block as it must be", sound),
        case("garbage after the digest", garbage),
        case("cube root of a block with garbage, exponent three", forged),
        case("no parameters", no_null),
        case("the digest alone", bare),
        case("padding of encryption", encrypted),
        case("padding of zeros", zeros),
        case("garbage in the parameters", parameters),
        case("a long length in the digest info", long),
        case("one", valued(signer, |_| [vec![0; 255], vec![1]].concat())),
        case("nothing", valued(signer, |_| Vec::new())),
        case(
            "a zero before",
            valued(signer, |tbs| [vec![0], signer.sign(tbs)].concat()),
        ),
        case("the modulus added", plus_modulus),
        case(
            "a curve's signature",
            valued(signer, |tbs| world().ecdsa.sign(tbs)),
        ),
    ]
}

/// The order of the curve P-256.
fn order() -> BigNum {
    BigNum::from_hex_str("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
        .unwrap()
}

fn curve_values() -> Vec<Case> {
    let (signer, edwards) = (&world().ecdsa, &world().ed25519);
    let parts = |tbs: &[u8]| {
        let value = EcdsaSig::from_der(&signer.sign(tbs)).unwrap();
        (value.r().to_vec(), value.s().to_vec())
    };
    let pair = |r: &[u8], s: &[u8]| seq(&[&unsigned(r), &unsigned(s)]);
    let add = |value: &[u8]| (&BigNum::from_slice(value).unwrap() + &order()).to_vec();
    let negated = |value: &[u8]| {
        let power = BigNum::from_slice(&[&[1][..], &[0; 33]].concat()).unwrap();
        tlv(
            2,
            &[&(&power - &BigNum::from_slice(value).unwrap()).to_vec()],
        )
    };
    let with = |make: &dyn Fn(Vec<u8>, Vec<u8>) -> Vec<u8>| {
        valued(signer, |tbs| {
            let (r, s) = parts(tbs);
            make(r, s)
        })
    };
    let fixed = |r: Vec<u8>, s: Vec<u8>| {
        let wide = |value: &[u8]| {
            BigNum::from_slice(value)
                .unwrap()
                .to_vec_padded(32)
                .unwrap()
        };
        [wide(&r), wide(&s)].concat()
    };
    let padded = |value: &[u8]| tlv(2, &[&[0, 0], value]);
    let scalar =
        BigNum::from_hex_str("1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED")
            .unwrap();
    let lifted = valued(edwards, |tbs| {
        let value = edwards.sign(tbs);
        let little: Vec<u8> = value[32..].iter().rev().copied().collect();
        let mut big = (&BigNum::from_slice(&little).unwrap() + &scalar)
            .to_vec_padded(32)
            .unwrap();
        big.reverse();
        [&value[..32], &big].concat()
    });
    let zero_point = valued(edwards, |_| [vec![1], vec![0; 63]].concat());
    let longer = valued(edwards, |tbs| [edwards.sign(tbs), vec![0]].concat());
    let case = |what: &str, file| Case::new(what, file, CRYPTO, INVALID);
    vec![
        Case::passes("as it must be", with(&|r, s| pair(&r, &s))),
        case("r is zero", with(&|_, s| pair(&[0], &s))),
        case("s is zero", with(&|r, _| pair(&r, &[0]))),
        case("both are zero", with(&|_, _| pair(&[0], &[0]))),
        case(
            "both are the order",
            with(&|_, _| pair(&order().to_vec(), &order().to_vec())),
        ),
        case("the order added to r", with(&|r, s| pair(&add(&r), &s))),
        case("the order added to s", with(&|r, s| pair(&r, &add(&s)))),
        case(
            "r is negative",
            with(&|r, s| seq(&[&negated(&r), &unsigned(&s)])),
        ),
        case("r and s side by side", with(&fixed)),
        case(
            "zeros before r",
            with(&|r, s| seq(&[&padded(&r), &unsigned(&s)])),
        ),
        case("a long length", with(&|r, s| long_form(&pair(&r, &s)))),
        case(
            "a byte after",
            with(&|r, s| [pair(&r, &s), vec![0]].concat()),
        ),
        case(
            "a third number",
            with(&|r, s| seq(&[&unsigned(&r), &unsigned(&s), &int(1)])),
        ),
        case("r alone", with(&|r, _| seq(&[&unsigned(&r)]))),
        case("Ed25519 with the order added", lifted),
        case("Ed25519 with the neutral point", zero_point),
        case("Ed25519 with a byte more", longer),
    ]
}

fn weak_algorithms() -> Vec<Case> {
    const NO_POE: &str = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    let digest = |digest: &str, signature: &str| {
        let (digest, signature) = (algorithm(digest, &null()), algorithm(signature, &null()));
        Doc::small().by(&world().rsa).sealed_with(|cms| {
            cms.digests = vec![digest.clone()];
            cms.signer().digest = digest;
            cms.signer().algorithm = signature;
        })
    };
    let small = Draft::signer("Small").mint(rsa(1024), Scheme::Rsa, Some(&world().root));
    let odd = rsa(1536);
    let middle = Draft::signer("Middle").mint(odd, Scheme::Rsa, Some(&world().root));
    const WEAK: &str = "WEAK_ALGORITHM";
    let sha = "2.16.840.1.101.3.4.2.";
    vec![
        Case::new(
            "MD5",
            digest("1.2.840.113549.2.5", "1.2.840.113549.1.1.4"),
            NO_POE,
            WEAK,
        ),
        Case::new(
            "SHA-1",
            digest("1.3.14.3.2.26", "1.2.840.113549.1.1.5"),
            NO_POE,
            WEAK,
        ),
        Case::new(
            "SHA-224",
            digest(&format!("{sha}4"), "1.2.840.113549.1.1.14"),
            NO_POE,
            WEAK,
        ),
        Case::new(
            "SHA-256 with SHA-1 in the signature",
            digest(SHA256, "1.2.840.113549.1.1.5"),
            NO_POE,
            WEAK,
        ),
        Case::new(
            "unknown digest",
            digest("1.2.3.4", "1.2.840.113549.1.1.11"),
            "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE",
            "UNSUPPORTED_ALGORITHM",
        ),
        Case::new(
            "unknown signature",
            digest(SHA256, "1.2.3.4"),
            "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE",
            "UNSUPPORTED_ALGORITHM",
        ),
        Case::new(
            "RSA of 1024 bits",
            Doc::small().by(&small).sealed(),
            NO_POE,
            "WEAK_KEY",
        ),
        Case::new(
            "RSA of 1536 bits",
            Doc::small().by(&middle).sealed(),
            NO_POE,
            "WEAK_KEY",
        ),
    ]
}

fn unsigned_attributes() -> Vec<Case> {
    let with = |signer: &Identity, list: Vec<Vec<u8>>| {
        Doc::small()
            .by(signer)
            .sealed_with(|cms| cms.signer().unsigned = list)
    };
    let root = &world().root;
    let expired = Draft::signer("Expired")
        .but(|draft| draft.until = "20250101000000Z".to_owned())
        .mint(p256(), Scheme::Ecdsa, Some(root));
    let rogue_root = Draft::authority("Rogue root").mint(p256(), Scheme::Ecdsa, None);
    let rogue = Draft::signer("Rogue").mint(p256(), Scheme::Ecdsa, Some(&rogue_root));
    // A token nobody trusts, from when the certificate was valid, over the right signature value.
    let stamped = Doc::small().roomy(2_000).by(&expired).sealed_with(|cms| {
        let signer = cms.signer();
        let value = signer.identity.sign(&signer.to_be_signed());
        let info = tst_info(&openssl::sha::sha256(&value), "20240101000000Z");
        let token = Cms::enveloping(&rogue, TST_INFO, &info).der();
        signer.value = Some(value);
        signer.unsigned = vec![attribute(TIME_STAMP, &[&token])];
    });
    let counter = SignerInfo::of(&rogue, "1.2.840.113549.1.7.1", &[1; 32]);
    let counter = seq(&[&counter.version, &counter.sid, &octets(&[0; 8])]);
    let countersignature = attribute("1.2.840.113549.1.9.6", &[&counter]);
    let certificates = seq(&[&rogue_root.certificate]);
    let values = attribute("1.2.840.113549.1.9.16.2.23", &[&certificates]);
    let lists = context(0, &[&seq(&[&crl(root, &[])])]);
    let revocation = attribute("1.2.840.113549.1.9.16.2.24", &[&seq(&[&lists])]);
    let unknown = attribute("1.2.3.4", &[&oid("1.2.3.4")]);
    let bag = Doc::small().roomy(2_000).by(&rogue).sealed_with(|cms| {
        cms.certificates.push(rogue_root.certificate.clone());
        cms.signer().unsigned = vec![values.clone()];
    });
    let own = &world().ecdsa;
    let forged_list = Doc::small()
        .roomy(2_000)
        .sealed_with(|cms| cms.crls = vec![crl(&rogue_root, &[])]);
    let bare = evidence_of(&root.certificate, &[]);
    let no_path = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND";
    let no_poe = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    vec![
        Case::new("a rogue token before expiry", stamped, no_poe, "EXPIRED"),
        Case::new(
            "a rogue root among the values",
            bag,
            no_path,
            "NO_PATH_TO_TRUSTED_ROOT",
        ),
        Case::passes("a countersignature", with(own, vec![countersignature])),
        Case::passes("revocation values", with(own, vec![revocation])),
        Case::passes("an unknown attribute", with(own, vec![unknown])),
        Case::new(
            "a rogue list",
            forged_list,
            "INDETERMINATE/TRY_LATER",
            "NO_REVOCATION_DATA",
        )
        .relying_on(bare),
    ]
}
