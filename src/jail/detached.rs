//! A signature beside its content, as neighbours put under their receipts: its structure is read
//! inside, what it claims is counted again outside with a key the registry names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::document::Outside;
use super::error::Error;
use super::frames::Read;
use super::looks::decoded;
use super::parent::{Jail, nothing};
use super::request::{Answer, Operation, wrong};
use crate::cms::{self, AttributeProfile};
use crate::domain::digest::Sha256;
use crate::pades::ByteSource;
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;

/// What became of a detached signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detached {
    /// It holds, and this one of the known certificates made it.
    By(Certificate),
    /// It names a certificate that is not among the known ones.
    Stranger {
        /// Digest of that certificate.
        certificate_sha256: Sha256,
    },
    /// It does not hold or cannot be read; in words.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Wire shape; the signature in Base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ReadDetached {
    signature: String,
}

/// Wire shape; DER in Base64.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    signer: String,
    algorithm: String,
    attributes: String,
    value: String,
}

impl Jail {
    /// Checks the detached signature `cms_der` over `content`, which must be by one of `known`.
    /// Its structure is read in the jail. Then, in this process and without reading it, the value is
    /// verified with the key of the known certificate over attributes that hold the digest of
    /// `content`: a child that was taken over cannot make up a signature. One that is byte for byte like
    /// one read before, but for digest and value, is compared and verified instead.
    ///
    /// # Errors
    /// [`Error`]: there is no answer, and it may be tried again.
    pub fn detached(
        &self,
        content: &[u8],
        cms_der: &[u8],
        known: &[Certificate],
    ) -> Result<Detached, Error> {
        if let Some(signer) = self.frames().recognise(content, cms_der, known) {
            return Ok(Detached::By(signer));
        }
        let asked = ReadDetached {
            signature: STANDARD.encode(cms_der),
        };
        let here = || asked.perform(content);
        let answer = self.or_here(here, || {
            let file = nothing()?;
            let document = Outside {
                file: &file,
                tail: content,
            };
            self.child(&document, Operation::Detached(asked.clone()), None)
        })?;
        match answer {
            Answer::Detached(found) => {
                let read = found.decoded(content)?;
                let detached = read.counted_again(known)?;
                if let Detached::By(signer) = &detached {
                    self.frames().remember(cms_der, signer, &read.places());
                }
                Ok(detached)
            }
            Answer::NotDetached { reason } => Ok(Detached::Refused { reason }),
            other => Err(wrong("a signature", format!("{other:?}"))),
        }
    }
}

impl ReadDetached {
    /// As [`Self::perform`], for the content that `source` is.
    pub(super) fn perform_on(&self, source: &dyn ByteSource) -> Result<Answer, Error> {
        let length = usize::try_from(source.size()).map_err(|fault| wrong("a size", fault))?;
        let mut content = vec![0; length];
        source.read_at(0, &mut content).map_err(Error::Line)?;
        self.perform(&content)
    }

    fn perform(&self, content: &[u8]) -> Result<Answer, Error> {
        let signature = decoded(&self.signature)?;
        Ok(match read(content, &signature) {
            Ok(found) => Answer::Detached(Box::new(found)),
            Err(reason) => Answer::NotDetached { reason },
        })
    }
}

fn read(content: &[u8], cms_der: &[u8]) -> Result<Found, String> {
    let said = |fault: cms::Error| fault.to_string();
    let data = cms::parse(cms_der).map_err(said)?;
    let signer = data.signer(AttributeProfile::Cades).map_err(said)?;
    let digest = data.digest_algorithm().of(content);
    let checked = data.verify(&signer, &digest).map_err(said)?;
    if let Some((_, _, reason)) = checked.failure() {
        return Err(format!("signature: {reason}"));
    }
    Ok(Found {
        signer: STANDARD.encode(signer.der()),
        algorithm: STANDARD.encode(data.algorithm().to_der()),
        attributes: STANDARD.encode(data.signed_attributes()),
        value: STANDARD.encode(data.signature()),
    })
}

impl Found {
    fn decoded(&self, content: &[u8]) -> Result<Counted, Error> {
        let algorithm = SignatureAlgorithm::read(&decoded(&self.algorithm)?);
        let algorithm = algorithm.map_err(|fault| wrong("an algorithm", fault))?;
        Ok(Counted {
            signer: decoded(&self.signer)?,
            attributes: decoded(&self.attributes)?,
            value: decoded(&self.value)?,
            digest: algorithm.digest().of(content),
            algorithm,
        })
    }
}

/// What a child found, in bytes, and the digest of the content it was asked about.
struct Counted {
    signer: Vec<u8>,
    algorithm: SignatureAlgorithm,
    attributes: Vec<u8>,
    value: Vec<u8>,
    digest: Vec<u8>,
}

impl Counted {
    fn counted_again(&self, known: &[Certificate]) -> Result<Detached, Error> {
        let Some(certificate) = known.iter().find(|one| one.der() == self.signer) else {
            let certificate_sha256 = Sha256::of(&self.signer);
            return Ok(Detached::Stranger { certificate_sha256 });
        };
        let verified = certificate.verify_signature(&self.algorithm, &self.attributes, &self.value);
        let verified = verified.map_err(|fault| wrong("a signature", fault))?;
        if verified && cms::hold_digest(&self.attributes, &self.digest) {
            return Ok(Detached::By(certificate.clone()));
        }
        let reason = "signature: SIGNATURE_INVALID".to_owned();
        Ok(Detached::Refused { reason })
    }

    fn places(&self) -> Read<'_> {
        Read {
            algorithm: &self.algorithm,
            attributes: &self.attributes,
            value: &self.value,
            digest: &self.digest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jail::frames::Frames;
    use crate::pki::algorithm::{DigestAlgorithm, SignatureScheme};
    use crate::pki::testing::{Entity, signer};

    const CONTENT: &[u8] = b"a statement";

    fn signed(entity: &Entity, content: &[u8]) -> Vec<u8> {
        let algorithm = SignatureAlgorithm::new(SignatureScheme::Ecdsa, DigestAlgorithm::Sha256);
        let key = |tbs: &[u8]| Ok::<_, Error>(entity.sign(tbs));
        cms::detached::sign(content, &algorithm, &entity.certificate, &[], &key).unwrap()
    }

    /// What an honest child finds.
    fn found(entity: &Entity) -> Found {
        read(CONTENT, &signed(entity, CONTENT)).unwrap()
    }

    fn known(entity: &Entity) -> Vec<Certificate> {
        vec![entity.certificate.clone()]
    }

    #[test]
    fn a_signature_by_a_known_key_is_known() {
        let hub = signer("Hub").make();
        let answer = found(&hub)
            .decoded(CONTENT)
            .unwrap()
            .counted_again(&known(&hub))
            .unwrap();
        assert_eq!(answer, Detached::By(hub.certificate.clone()));
    }

    #[test]
    fn a_child_cannot_say_that_another_key_signed() {
        let (hub, stranger) = (signer("Hub").make(), signer("Stranger").make());
        let lie = Found {
            signer: STANDARD.encode(hub.certificate.der()),
            ..found(&stranger)
        };
        let answer = lie
            .decoded(CONTENT)
            .unwrap()
            .counted_again(&known(&hub))
            .unwrap();
        assert!(matches!(answer, Detached::Refused { .. }), "{answer:?}");
        let honest = found(&stranger)
            .decoded(CONTENT)
            .unwrap()
            .counted_again(&known(&hub));
        assert!(matches!(honest.unwrap(), Detached::Stranger { .. }));
    }

    #[test]
    fn a_child_cannot_say_that_something_else_was_signed() {
        let hub = signer("Hub").make();
        let answer = found(&hub)
            .decoded(b"another statement")
            .unwrap()
            .counted_again(&known(&hub));
        let answer = answer.unwrap();
        assert!(matches!(answer, Detached::Refused { .. }), "{answer:?}");
    }

    #[test]
    fn a_structure_that_cannot_be_read_is_refused_in_words() {
        assert!(read(CONTENT, b"0").is_err());
        let hub = signer("Hub").make();
        let fault = read(b"another statement", &signed(&hub, CONTENT)).unwrap_err();
        assert_eq!(fault, "signature: HASH_MISMATCH");
    }

    fn remembered(hub: &Entity) -> Frames {
        let frames = Frames::default();
        let cms = signed(hub, CONTENT);
        let read = read(CONTENT, &cms).unwrap().decoded(CONTENT).unwrap();
        frames.remember(&cms, &hub.certificate, &read.places());
        frames
    }

    /// A signature of the same length over something else.
    fn alike(hub: &Entity, content: &[u8]) -> Vec<u8> {
        let length = signed(hub, CONTENT).len();
        let tries = std::iter::repeat_with(|| signed(hub, content));
        tries.take(1_000).find(|cms| cms.len() == length).unwrap()
    }

    fn frames_of_every_length(hub: &Entity) -> Frames {
        let frames = remembered(hub);
        for _ in 0..200 {
            let cms = signed(hub, CONTENT);
            let read = read(CONTENT, &cms).unwrap().decoded(CONTENT).unwrap();
            frames.remember(&cms, &hub.certificate, &read.places());
        }
        frames
    }

    #[test]
    fn another_signature_in_a_known_frame_is_recognised() {
        let hub = signer("Hub").make();
        let (frames, other) = (frames_of_every_length(&hub), alike(&hub, b"another"));
        let recognised = frames.recognise(b"another", &other, &known(&hub));
        assert_eq!(recognised, Some(hub.certificate.clone()));
        assert_eq!(frames.recognise(CONTENT, &other, &known(&hub)), None);
    }

    #[test]
    fn no_changed_bit_is_recognised() {
        let hub = signer("Hub").make();
        let (frames, other) = (frames_of_every_length(&hub), alike(&hub, b"another"));
        for place in 0..other.len() {
            for bit in [1, 2, 4, 8, 16, 32, 64, 128] {
                let mut changed = other.clone();
                changed[place] ^= bit;
                let recognised = frames.recognise(b"another", &changed, &known(&hub));
                assert_eq!(recognised, None, "byte {place}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_frame_of_another_key_is_not_recognised() {
        let (hub, other) = (signer("Hub").make(), signer("Other").make());
        let frames = frames_of_every_length(&hub);
        let cms = alike(&hub, b"another");
        assert_eq!(frames.recognise(b"another", &cms, &known(&other)), None);
    }
}
