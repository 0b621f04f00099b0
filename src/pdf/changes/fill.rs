//! What an update may do to fields that were there before: sign an empty signature field, fill a
//! field of another kind. Value and appearance must change together and say the same.
//! Source: ISO 32000-2, 12.7.4; "Shadow Attacks" (NDSS 2021).

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::equal::differing;
use super::form::flags_are_plain;
use super::kind::{Kind, Modification, Placement};
use super::known::{FieldKind, Known};
use super::shown::{Shows, options, shows, texts};
use super::step::Step;
use super::usage::Usage;
use crate::pdf::document::View;
use crate::pdf::error::Error;
use crate::pdf::fields::form;
use crate::pdf::indirect::Indirect;
use crate::pdf::object::{Dictionary, Item, Object};

/// Keys a signature adds to a field that waited for it.
const SIGNED_KEYS: [&[u8]; 4] = [b"V", b"AP", b"AS", b"F"];
/// Keys filling changes.
const FILLED_KEYS: [&[u8]; 5] = [b"V", b"AP", b"AS", b"I", b"M"];
/// Ways by which a field or widget may be referred to.
const WAYS: [&str; 7] = ["Fields", "Kids", "Annots", "Parent", "CO", "Obj", "K"];

/// An object before and after.
type Both = (Rc<Indirect>, Rc<Indirect>);

/// What happened to one field in this revision.
#[derive(Default)]
struct Filling {
    /// Object number of whatever was touched last.
    object: u32,
    value: bool,
    appearance: bool,
    state: bool,
    /// The new value, where it was touched or stands unchanged.
    new_value: Option<Object>,
    /// Whether the field or one of its widgets shows an appearance.
    shown: bool,
    /// Everything of the field that was touched.
    touched: Vec<u32>,
}

impl Step<'_, '_, '_> {
    /// Fields that existed before.
    pub(super) fn filled_fields(&mut self) -> Result<(), Error> {
        let mut fillings: BTreeMap<String, (FieldKind, Filling)> = BTreeMap::new();
        for number in self.waiting() {
            let Some(known) = self.course.standing.fields.get(&number).cloned() else {
                continue;
            };
            let Some((old, new)) = self.both(number)? else {
                continue;
            };
            let differing = differing(old.dictionary()?, new.dictionary()?);
            if differing.is_empty() {
                continue;
            }
            let sound = match known.kind {
                FieldKind::Signature { signed: false } => {
                    self.signed_field((&known, &old, &new), &differing)?
                }
                FieldKind::Text | FieldKind::Choice | FieldKind::Button => {
                    let entry = fillings.entry(known.name.clone());
                    let (_, filling) = entry.or_insert((known.kind, Filling::default()));
                    self.filled((&known, &old, &new), &differing, filling)?
                }
                FieldKind::Signature { signed: true } | FieldKind::Unknown => false,
            };
            if !sound {
                self.refuse_field("FIELD_CHANGED", number, &known.name);
            }
        }
        self.widgets_of_unsigned();
        for (name, (kind, filling)) in fillings {
            self.coherent(&name, kind, &filling)?;
        }
        Ok(())
    }

    /// A widget of a signature field may only change when its field is signed by the same revision.
    fn widgets_of_unsigned(&mut self) {
        let changes = &mut self.changes.modifications;
        let signed: HashSet<_> = changes
            .iter()
            .filter(|one| one.signature.is_some())
            .filter_map(|one| one.field.clone())
            .collect();
        for one in changes {
            let unsigned = one
                .field
                .as_ref()
                .is_some_and(|name| !signed.contains(name));
            if unsigned && one.kind == Kind::Signature && one.signature.is_none() {
                one.kind = Kind::Refused("FIELD_CHANGED");
            }
        }
    }

    fn both(&self, number: u32) -> Result<Option<Both>, Error> {
        let id = |view: &View<'_, '_>| {
            let entry = view.entry(number)?;
            super::usage::id_of(number, entry)
        };
        let (Some(before), Some(after)) = (id(&self.old), id(&self.new)) else {
            return Ok(None);
        };
        let (Some(old), Some(new)) = (self.old.load(before)?, self.new.load(after)?) else {
            return Ok(None);
        };
        let plain = old.stream_start.is_none() && new.stream_start.is_none();
        let dictionaries = old.dictionary().is_ok() && new.dictionary().is_ok();
        Ok((before == after && plain && dictionaries).then_some((old, new)))
    }

    fn refuse_field(&mut self, code: &'static str, number: u32, name: &str) {
        let path = field_path(name);
        self.record(Modification {
            field: Some(name.to_owned()),
            ..self.change(Kind::Refused(code), number, &path)
        });
    }

    /// Records the change of a known field, if it is referred to as a field only.
    fn allow_field(
        &mut self,
        kind: Kind,
        (number, name): (u32, &str),
        place: Option<Placement>,
    ) -> Result<bool, Error> {
        let usages = self.course.usages.alive(&self.old, number)?;
        let strange = usages.iter().find(|usage| !self.is_field_way(usage));
        if let Some(strange) = strange {
            let path = format!("{} 0 R{}", strange.holder, strange.path);
            self.refuse("OBJECT_SHARED", number, &path);
            return Ok(false);
        }
        let path = field_path(name);
        self.record(Modification {
            field: Some(name.to_owned()),
            place,
            ..self.change(kind, number, &path)
        });
        Ok(true)
    }

    /// Whether a reference is one by which fields and widgets are reached.
    fn is_field_way(&self, usage: &Usage) -> bool {
        let way = usage.path.trim_end_matches("[]");
        if let Some((_, key)) = way.rsplit_once('/') {
            return WAYS.contains(&key);
        }
        // An array of its own: what counts is where that array hangs.
        let above = self.course.usages.alive(&self.old, usage.holder);
        above.is_ok_and(|above| {
            above.iter().all(|usage| {
                let way = usage.path.trim_end_matches("[]");
                way.rsplit_once('/')
                    .is_some_and(|(_, key)| WAYS.contains(&key))
            })
        })
    }

    /// An empty signature field that was signed.
    fn signed_field(
        &mut self,
        (known, old, new): (&Known, &Rc<Indirect>, &Rc<Indirect>),
        differing: &[Vec<u8>],
    ) -> Result<bool, Error> {
        let number = new.id.number;
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        let fine = differing
            .iter()
            .all(|key| SIGNED_KEYS.contains(&key.as_slice()))
            && (before.get(b"F") == after.get(b"F") || flags_are_plain(after.get(b"F")))
            && self.appearance_follows(number, before, after)?;
        if !fine {
            return Ok(false);
        }
        let place = self.course.standing.place(&self.new, number)?;
        let place = place.filter(|place| has_area(place.rectangle));
        if known.only_widget {
            let kind = Kind::Signature;
            self.allow_field(kind, (number, &known.name), place)?;
            return self
                .allow_appearance(kind, after, &known.name)
                .map(|()| true);
        }
        let Some(value) = after.reference(b"V") else {
            return Ok(false);
        };
        let kind = self.new_signature(value, (&known.name, &field_path(&known.name)), place)?;
        if !self.allow_field(kind, (number, &known.name), place)? {
            return Ok(true);
        }
        self.allow_appearance(kind, after, &known.name)?;
        if let Some(known) = self.course.standing.fields.get_mut(&number) {
            known.kind = FieldKind::Signature { signed: true };
        }
        Ok(true)
    }

    /// A field or widget that was filled.
    fn filled(
        &mut self,
        (known, old, new): (&Known, &Rc<Indirect>, &Rc<Indirect>),
        differing: &[Vec<u8>],
        filling: &mut Filling,
    ) -> Result<bool, Error> {
        let number = new.id.number;
        let (before, after) = (old.dictionary()?, new.dictionary()?);
        let changed = |key: &[u8]| differing.iter().any(|one| one == key);
        let fine = differing
            .iter()
            .all(|key| FILLED_KEYS.contains(&key.as_slice()))
            && !(known.only_widget && changed(b"V"))
            && after
                .get(b"M")
                .is_none_or(|date| date.as_string().is_some())
            && self.value_is_plain(after.get(b"V"))?
            && self.indices_follow(known.kind, after)?
            && (self.appearance_follows(number, before, after)?
                || (changed(b"V") && after.get(b"AP").is_none() && self.readers_draw()?));
        if !fine {
            return Ok(false);
        }
        let replaced = self.replaced_look(number, known.kind, after)?;
        let appearance = changed(b"AP") || replaced.is_some();
        filling.object = number;
        filling.value |= changed(b"V");
        filling.appearance |= appearance;
        filling.state |= changed(b"AS");
        filling.shown |= after.get(b"AP").is_some() || self.kids_are_shown(after)?;
        filling.touched.push(number);
        if let Some(value) = after.get(b"V") {
            filling.new_value = Some(self.new.resolve(value)?);
        }
        let place = self.course.standing.place(&self.old, number)?;
        let covers = match place.filter(|_| appearance) {
            Some(place) => self.covers(number, &place)?,
            None => false,
        };
        if !self.allow_field(Kind::FieldFill, (number, &known.name), None)? {
            return Ok(true);
        }
        if covers {
            self.refuse_field("FIELD_OVER_CONTENT", number, &known.name);
        }
        if let Some(value) = after.get(b"V") {
            let path = field_path(&known.name);
            self.allow_below(Kind::FieldFill, (value, &path), &[])?;
        }
        if let Some(look) = replaced {
            let path = format!("{}/AP", field_path(&known.name));
            self.allow(Kind::FieldFill, look.id.number, &path);
            self.allow_below(Kind::FieldFill, (&look.object, &path), &[])?;
        }
        self.allow_appearance(Kind::FieldFill, after, &known.name)
            .map(|()| true)
    }

    /// The old appearance stream of a field, written again, when nothing else uses it.
    fn replaced_look(
        &self,
        number: u32,
        kind: FieldKind,
        after: &Dictionary,
    ) -> Result<Option<Rc<Indirect>>, Error> {
        let held = after.reference(b"AP").map(|id| id.number);
        let appearance = self.new.value(after, b"AP")?;
        let look = appearance.as_dictionary().and_then(|ap| ap.reference(b"N"));
        let look = look.filter(|id| self.touched(id.number) && !self.fresh(id.number));
        let (Some(look), FieldKind::Text | FieldKind::Choice) = (look, kind) else {
            return Ok(None);
        };
        let usages = self.course.usages.alive(&self.old, look.number)?;
        let own = |usage: &&Usage| match held {
            Some(held) => usage.holder == held && &*usage.path == "/N",
            None => usage.holder == number && &*usage.path == "/AP/N",
        };
        let kept = self.old.load(look)?;
        let new = self.new.load(look)?;
        let both = |one: &Rc<Indirect>| one.stream_start.is_some() && one.id == look;
        let fine = usages.iter().all(own) && kept.as_ref().is_some_and(both);
        Ok(new.filter(|new| fine && both(new)))
    }

    /// Whether the chosen places of a list are those of its value.
    fn indices_follow(&self, kind: FieldKind, after: &Dictionary) -> Result<bool, Error> {
        let indices = self.new.value(after, b"I")?;
        if indices == Object::Null {
            return Ok(true);
        }
        let options = options(&self.new, after)?;
        let values = texts(&self.new, &self.new.value(after, b"V")?)?;
        let (Some(indices), Some(values)) = (indices.as_array(), values) else {
            return Ok(false);
        };
        let chosen = |item: &Item| {
            let at = item
                .object
                .as_integer()
                .and_then(|at| usize::try_from(at).ok())?;
            options.get(at).map(|(export, _)| export)
        };
        let named: Option<Vec<_>> = indices.iter().map(chosen).collect();
        let named = named.unwrap_or_default();
        Ok(kind == FieldKind::Choice
            && named.len() == values.len()
            && named.len() == indices.len()
            && named.iter().all(|export| values.contains(export))
            && values.iter().all(|value| named.contains(&value)))
    }

    /// Whether readers draw every field themselves, as the form said when it was signed.
    fn readers_draw(&self) -> Result<bool, Error> {
        let form = form(&self.old)?;
        Ok(form.is_some_and(|form| {
            form.dictionary.get(b"NeedAppearances") == Some(&Object::Boolean(true))
        }))
    }

    /// Values are texts, names or lists of them, in objects of their own only when new.
    fn value_is_plain(&self, value: Option<&Object>) -> Result<bool, Error> {
        let Some(value) = value else { return Ok(true) };
        if value
            .as_reference()
            .is_some_and(|id| !self.fresh(id.number))
        {
            return Ok(false);
        }
        Ok(match self.new.resolve(value)? {
            Object::String(_) | Object::Name(_) => true,
            Object::Array(items) => items
                .iter()
                .all(|item| matches!(item.object, Object::String(_))),
            _ => false,
        })
    }

    /// Whether the appearance is the old one or leads to new streams only.
    fn appearance_follows(
        &self,
        number: u32,
        before: &Dictionary,
        after: &Dictionary,
    ) -> Result<bool, Error> {
        let (old, new) = (before.get(b"AP"), after.get(b"AP"));
        let held = new.and_then(Object::as_reference);
        if old == new && held.is_none_or(|id| !self.touched(id.number)) {
            return Ok(true);
        }
        let (Some(new), Some(old)) = (new, old) else {
            return match new {
                None => Ok(false),
                Some(new) => self.appearance_is_new(Some(new)),
            };
        };
        if let Some(id) = held.filter(|id| !self.fresh(id.number)) {
            let usages = self.course.usages.alive(&self.old, id.number)?;
            let own = |usage: &&Usage| usage.holder == number && &*usage.path == "/AP";
            if old != new || !usages.iter().all(own) {
                return Ok(false);
            }
        }
        let (old, new) = (self.old.resolve(old)?, self.new.resolve(new)?);
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return Ok(false);
        };
        for (key, item) in new.iter() {
            let stays = old.get(key) == Some(&item.object);
            let one = Object::Array(vec![item.clone()]);
            let streams = super::new_objects_below(&self.new, &one, &[], &|n| self.fresh(n))?;
            let fresh = item
                .object
                .as_reference()
                .is_some_and(|id| streams.contains(&id.number));
            if !stays && !fresh {
                return Ok(false);
            }
        }
        Ok(old.iter().all(|(key, _)| new.get(key).is_some()))
    }

    fn allow_appearance(
        &mut self,
        kind: Kind,
        after: &Dictionary,
        name: &str,
    ) -> Result<(), Error> {
        let Some(appearance) = after.get(b"AP") else {
            return Ok(());
        };
        let path = format!("{}/AP", field_path(name));
        if let Some(id) = appearance.as_reference()
            && self.touched(id.number)
        {
            self.allow(kind, id.number, &path);
        }
        let value = self.new.resolve(appearance)?;
        self.allow_below(kind, (&value, &path), &[])
    }

    /// Whether a widget lies over text of the page or over another field.
    fn covers(&mut self, number: u32, place: &Placement) -> Result<bool, Error> {
        let Placement {
            page, rectangle, ..
        } = *place;
        if !has_area(rectangle) {
            return Ok(false);
        }
        let others = self.course.standing.widgets_on(&self.old, page)?;
        let count = others.len();
        let hit = others
            .iter()
            .any(|(other, box_of)| *other != number && overlap(rectangle, *box_of));
        let old = self.old;
        Ok(hit
            || self.course.painted.spend(count)
            || self.course.painted.covered(&old, page, rectangle))
    }

    /// Whether one of the widgets of a field has an appearance.
    fn kids_are_shown(&self, field: &Dictionary) -> Result<bool, Error> {
        let kids = self.new.value(field, b"Kids")?;
        for kid in kids.as_array().unwrap_or_default() {
            let kid = self.new.resolve(&kid.object)?;
            let kid = kid.as_dictionary();
            if kid.is_some_and(|kid| kid.get(b"AP").is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Value and appearance of a field must have changed together.
    fn coherent(&mut self, name: &str, kind: FieldKind, filling: &Filling) -> Result<(), Error> {
        let number = filling.object;
        let fine = match kind {
            FieldKind::Button => {
                let together = filling.value == filling.state || !filling.shown;
                together && !filling.appearance && self.states_follow(filling)?
            }
            _ => filling.value == filling.appearance || (filling.value && !filling.shown),
        };
        if kind != FieldKind::Button && (filling.value || filling.appearance) {
            let value = filling.new_value.clone().unwrap_or(Object::Null);
            for (widget, dictionary) in self.widgets_of(filling)? {
                let code = match shows(&self.new, &dictionary, (kind, &value))? {
                    Shows::Value => continue,
                    Shows::Other => "FIELD_VALUE_HIDDEN",
                    Shows::Unread => "FIELD_APPEARANCE_UNREAD",
                };
                self.refuse_field(code, widget, name);
            }
        }
        if !fine {
            self.refuse_field("FIELD_VALUE_HIDDEN", number, name);
        }
        Ok(())
    }

    /// The widgets of a touched field.
    fn widgets_of(&self, filling: &Filling) -> Result<Vec<(u32, Dictionary)>, Error> {
        let mut found = BTreeMap::new();
        for number in &filling.touched {
            let Some((_, new)) = self.both(*number)? else {
                continue;
            };
            let field = new.dictionary()?;
            let kids = self.new.value(field, b"Kids")?;
            for kid in kids.as_array().unwrap_or_default() {
                let number = kid.object.as_reference().map_or(*number, |id| id.number);
                if let Object::Dictionary(kid) = self.new.resolve(&kid.object)?
                    && kid.get(b"T").is_none()
                {
                    found.insert(number, kid);
                }
            }
            found.insert(*number, field.clone());
        }
        Ok(found.into_iter().collect())
    }

    /// A button shows the state its value names, or none.
    fn states_follow(&self, filling: &Filling) -> Result<bool, Error> {
        let value = filling.new_value.as_ref().and_then(Object::as_name);
        for number in &filling.touched {
            let Some((_, new)) = self.both(*number)? else {
                return Ok(false);
            };
            let state = new.dictionary()?.get(b"AS").and_then(Object::as_name);
            let shown = state.filter(|state| *state != b"Off");
            let known = match shown {
                Some(shown) => self.had_state(*number, shown)?,
                None => true,
            };
            if (shown.is_some() && shown != value) || !known {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a button could show a state before.
    fn had_state(&self, number: u32, state: &[u8]) -> Result<bool, Error> {
        let Some((old, _)) = self.both(number)? else {
            return Ok(false);
        };
        let appearance = self.old.value(old.dictionary()?, b"AP")?;
        let Some(appearance) = appearance.as_dictionary() else {
            return Ok(true);
        };
        let states = self.old.value(appearance, b"N")?;
        Ok(states
            .as_dictionary()
            .is_some_and(|states| states.get(state).is_some()))
    }
}

fn field_path(name: &str) -> String {
    format!("/Root/AcroForm/{name}")
}

fn has_area([left, bottom, right, top]: [f64; 4]) -> bool {
    right > left && top > bottom
}

/// Whether two boxes share more than their borders.
fn overlap([l, b, r, t]: [f64; 4], [left, bottom, right, top]: [f64; 4]) -> bool {
    const BORDER: f64 = 2.0;
    l + BORDER < right && left + BORDER < r && b + BORDER < top && bottom + BORDER < t
}
