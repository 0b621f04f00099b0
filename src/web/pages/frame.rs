//! What surrounds every page: where one is, in whose name one acts, the language, the warning about
//! a moved clock.

use actix_web::HttpRequest;

use super::show;
use crate::domain::language::Language;
use crate::exchange::people::Person;
use crate::phrases;
use crate::web::{Site, assets, language};

/// The page's place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Documents that came.
    Incoming,
    /// Documents sent.
    Outgoing,
    /// Writing one.
    Compose,
    /// Checking signatures.
    Verify,
    /// None of them.
    Outside,
}

/// The signed-in person as every page names them.
pub(super) struct Who {
    /// Name.
    pub(super) name: String,
    /// Legal name of the agency.
    pub(super) agency: String,
    /// Whether documents may be sent and answered.
    pub(super) is_clerk: bool,
}

/// What every template has in its field `frame`.
pub(super) struct Frame {
    /// The language of the page.
    pub(super) language: Language,
    /// Who is signed in.
    pub(super) who: Option<Who>,
    /// Where the page stands.
    pub(super) section: Section,
    /// Address of the page, for changing the language.
    pub(super) here: String,
    /// The hub's name for people.
    pub(super) hub: String,
    /// The hub's time, if its clock is moved.
    pub(super) simulated: Option<String>,
    /// Address of the style sheet.
    pub(super) style: String,
    /// Address of the icon.
    pub(super) icon: String,
}

impl Frame {
    /// The frame of an answer to `request`.
    pub(super) fn new(
        request: &HttpRequest,
        site: &Site,
        person: Option<&Person>,
        section: Section,
    ) -> Self {
        let directory = site.hub.directory();
        let who = person.map(|person| Who {
            name: person.name.clone(),
            agency: directory
                .agency(&person.agency)
                .map_or_else(|| person.agency.to_string(), |agency| agency.name.clone()),
            is_clerk: person.is_clerk,
        });
        let hub = directory.hub(site.hub.id());
        Self {
            who,
            section,
            here: request.path().to_owned(),
            hub: hub.map_or_else(|| site.hub.id().to_string(), |hub| hub.name.clone()),
            simulated: site.is_simulated.then(|| show::when(site.hub.now())),
            ..Self::bare(language::of(request))
        }
    }

    /// A frame where no hub is known.
    pub(super) fn bare(language: Language) -> Self {
        Self {
            language,
            who: None,
            section: Section::Outside,
            here: "/".to_owned(),
            hub: String::new(),
            simulated: None,
            style: assets::style(),
            icon: assets::icon(),
        }
    }

    /// The phrase `key`.
    pub(super) fn say(&self, key: &str) -> String {
        phrases::text(self.language, key, &[])
    }

    /// The phrase `key` with one value.
    pub(super) fn tell(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        phrases::text(self.language, key, &[(name, &value.to_string())])
    }

    /// Whether the page stands in `section`.
    pub(super) fn is_in(&self, section: &str) -> bool {
        let own = match self.section {
            Section::Incoming => "incoming",
            Section::Outgoing => "outgoing",
            Section::Compose => "compose",
            Section::Verify => "verify",
            Section::Outside => "",
        };
        own == section
    }
}
