//! What is measured: a key, a document, and the two acts.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use super::super::exit::Exit;
use super::super::fault::Fault;
use super::super::file_source::FileSource;
use super::super::inputs;
use super::{EngineArguments, measure};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::language::Language;
use crate::jail::{Forms, Jail, Languages, Outside, Question};
use crate::keystore::{Signer, SoftKey, Throwaway};
use crate::pades::{self, Act, ByteSource, Extended, FileVerdict, HashedHead, Policy, SignRequest};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::Indication;

/// Larger documents stay in their file.
const IN_MEMORY: u64 = 16 << 20;

/// What is measured with.
pub(super) struct Stage {
    key: SoftKey,
    algorithm: SignatureAlgorithm,
    evidence: TrustEvidence,
    document: Box<dyn ByteSource>,
    at: Timestamp,
    /// Whether a check must come out as `TOTAL-PASSED`: not with a key nobody vouches for.
    trusted: bool,
}

fn failed(detail: impl ToString) -> Fault {
    Fault::new(Exit::Unexpected, "BENCH_FAILED").with("detail", detail)
}

impl Stage {
    pub(super) fn set(arguments: &EngineArguments) -> Result<Self, Fault> {
        let at = SystemClock::default().now();
        let (key, evidence, trusted) = match (&arguments.p12, &arguments.password_file) {
            (Some(p12), Some(password)) => (
                inputs::key(p12, &inputs::password(password)?)?,
                TrustEvidence::default(),
                false,
            ),
            _ => {
                let made = Throwaway::make(at, arguments.key.into()).map_err(failed)?;
                (made.key, made.evidence, true)
            }
        };
        let algorithm = key
            .algorithm(DigestAlgorithm::Sha256, false)
            .map_err(failed)?;
        Ok(Self {
            key,
            algorithm,
            evidence,
            document: document(arguments)?,
            at,
            trusted,
        })
    }

    /// One raw signature over as many bytes as signed attributes have.
    pub(super) fn raw_sign(&self) -> bool {
        self.key.sign(&self.algorithm, &[0x31; 200]).is_ok()
    }

    /// One digest of the document.
    pub(super) fn hash(&self) -> bool {
        HashedHead::of(&*self.document, self.algorithm.digest()).is_ok()
    }

    /// A signed and checked document, `None` when anything failed.
    pub(super) fn sign(&self) -> Option<pades::Tail> {
        let (signer, chain) = (self.key.certificate().clone(), self.key.chain().to_vec());
        let request = SignRequest::new(Act::Other, self.algorithm, signer, chain, self.at);
        let tail = pades::sign(&*self.document, &request, &|algorithm, tbs| {
            self.key
                .sign(algorithm, tbs)
                .or(Err(pades::Error::ForeignSignature))
        });
        let tail = tail.ok()?;
        let whole = Extended {
            head: &*self.document,
            tail: &tail.bytes,
        };
        pades::check_own(&whole, &tail).ok()?;
        Some(tail)
    }

    /// Whether a check came out as it must.
    const fn expects(&self, verdict: FileVerdict) -> bool {
        match verdict {
            FileVerdict::Judged(Indication::TotalPassed) => true,
            FileVerdict::Judged(Indication::Indeterminate) => !self.trusted,
            _ => false,
        }
    }

    pub(super) fn algorithm_name(&self) -> String {
        let bits = self.key.certificate().key().bits;
        format!("{} {bits} bits", self.algorithm)
    }

    pub(super) fn document_bytes(&self) -> u64 {
        self.document.size()
    }
}

fn document(arguments: &EngineArguments) -> Result<Box<dyn ByteSource>, Fault> {
    match (&arguments.pdf, arguments.size) {
        (Some(path), _) => given(path),
        (None, Some(megabytes)) => {
            let file = large(megabytes).and_then(FileSource::of).map_err(failed)?;
            Ok(Box::new(file))
        }
        (None, None) => Ok(Box::new(measure::one_page())),
    }
}

fn given(path: &Path) -> Result<Box<dyn ByteSource>, Fault> {
    let file = FileSource::open(path).map_err(|fault| Fault::reading(path, &fault))?;
    if file.size() > IN_MEMORY {
        return Ok(Box::new(file));
    }
    Ok(Box::new(inputs::bytes(path)?))
}

/// A page and an attached stream of so many megabytes, in a file without a name.
fn large(megabytes: u32) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let block: Vec<u8> = (0_u32..1 << 18)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let size = u64::from(megabytes) << 20;
    let head = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Attached 4 0 R>>\nendobj\n\
         2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
         3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n";
    let stream = format!("4 0 obj\n<</Length {size}>>\nstream\n");
    let places: Vec<usize> = (1..=3)
        .filter_map(|number| head.find(&format!("{number} 0 obj")))
        .chain([head.len()])
        .collect();
    file.write_all(head.as_bytes())?;
    file.write_all(stream.as_bytes())?;
    for _ in 0..megabytes {
        file.write_all(&block)?;
    }
    file.write_all(b"\nendstream\nendobj\n")?;
    let start = file.stream_position()?;
    let mut table = "xref\n0 5\n0000000000 65535 f \n".to_owned();
    for place in places {
        table.push_str(&format!("{place:010} 00000 n \n"));
    }
    table.push_str(&format!(
        "trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.write_all(table.as_bytes())?;
    Ok(file)
}

/// A signed document to be checked again and again.
pub(super) struct Signed<'s> {
    head: &'s dyn ByteSource,
    tail: Vec<u8>,
    /// The whole, where it is small.
    whole: Option<Vec<u8>>,
    signature: Vec<u8>,
}

impl<'s> Signed<'s> {
    /// The document of `stage` with so many signatures.
    pub(super) fn new(stage: &'s Stage, signatures: u16) -> Result<Self, Fault> {
        let mut signed = Self {
            head: &*stage.document,
            tail: Vec::new(),
            whole: None,
            signature: stage
                .key
                .sign(&stage.algorithm, &[0x31; 200])
                .map_err(failed)?,
        };
        let (signer, chain) = (stage.key.certificate().clone(), stage.key.chain().to_vec());
        let request = SignRequest::new(Act::Other, stage.algorithm, signer, chain, stage.at);
        for _ in 0..signatures {
            let prepared = pades::prepare(&signed.source(), &request).map_err(failed)?;
            let value = stage.key.sign(&stage.algorithm, prepared.to_be_signed());
            let tail = prepared.embed(&value.map_err(failed)?).map_err(failed)?;
            signed.tail.extend_from_slice(&tail.bytes);
        }
        if signed.source().size() <= IN_MEMORY {
            let mut whole = vec![0; usize::try_from(signed.head.size()).map_err(failed)?];
            signed.head.read_at(0, &mut whole).map_err(failed)?;
            whole.extend_from_slice(&signed.tail);
            signed.whole = Some(whole);
        }
        Ok(signed)
    }

    fn source(&self) -> Extended<'_> {
        Extended {
            head: self.head,
            tail: &self.tail,
        }
    }

    /// One digest of the bytes and one raw check of a signature.
    pub(super) fn raw(&self, stage: &Stage) -> bool {
        let digest = match &self.whole {
            Some(whole) => HashedHead::of(whole, stage.algorithm.digest()),
            None => HashedHead::of(&self.source(), stage.algorithm.digest()),
        };
        let certificate = stage.key.certificate();
        let holds = certificate.verify_signature(&stage.algorithm, &[0x31; 200], &self.signature);
        digest.is_ok() && holds.unwrap_or(false)
    }

    pub(super) fn passes(&self, stage: &Stage) -> bool {
        let policy = Policy::standard();
        let judge = |source: &dyn ByteSource| {
            pades::verify(source, "bench", &stage.evidence, &policy, None, stage.at)
        };
        let report = match &self.whole {
            Some(whole) => judge(whole),
            None => judge(&self.source()),
        };
        stage.expects(report.verdict)
    }

    /// The same bytes as a file, which is what a jail is given.
    pub(super) fn jailed(&self) -> Result<Jailed, Fault> {
        let mut file = tempfile::tempfile().map_err(failed)?;
        let source = self.source();
        let mut at = 0;
        while at < source.size() {
            let length = (source.size() - at).min(1 << 20);
            let mut piece = vec![0; usize::try_from(length).map_err(failed)?];
            source.read_at(at, &mut piece).map_err(failed)?;
            file.write_all(&piece).map_err(failed)?;
            at += length;
        }
        let jail = Jail::required().starting_ahead();
        Ok(Jailed { jail, file })
    }
}

/// A signed document to be checked in the jail again and again.
pub(super) struct Jailed {
    jail: Jail,
    file: File,
}

impl Jailed {
    pub(super) fn passes(&self, stage: &Stage) -> bool {
        let language = Language::default();
        let question = Question {
            name: "bench",
            evidence: &stage.evidence,
            policy: &Policy::standard(),
            registry: None,
            at: stage.at,
            languages: Languages {
                data: language,
                words: language,
            },
            forms: Forms {
                unchecked_marking: true,
                ..Forms::default()
            },
        };
        let judged = self.jail.verify(&Outside::file(&self.file), &question);
        judged.is_ok_and(|judged| stage.expects(judged.verdict))
    }
}
