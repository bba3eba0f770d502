//! The audited rows against their events: each row is what its newest event says, the history of its states is that of its
//! events, and what its type proves of itself holds (hashes of signed content, signatures).

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use serde_json::Value;

use super::verified::{StoredValue, VerifiedType};
use super::{ChainVerdict, Named, PAGE, RowFault, Wanted};
use crate::platform::audit::STATUS_CHANGE;
use crate::platform::audit::store::GENESIS;
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::{audit_events, status_changes};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::RecordedStep;

pub(super) type Verdicts = BTreeMap<String, ChainVerdict>;

/// The rows with states that were verified, by type.
type Seen = HashMap<&'static str, HashSet<Id>>;

/// Adds the number of all rows to what will be read.
pub(super) fn expect_all(rx: &mut Rx<'_>, wanted: &Wanted<'_>) -> Result<(), Problem> {
    for of in wanted.types {
        wanted.progress.expect((of.rows.count)(rx)?);
    }
    Ok(())
}

/// Verifies the rows: all of them in a full verification, else those that `named` holds.
pub(super) fn verify_rows(
    rx: &mut Rx<'_>,
    wanted: &Wanted<'_>,
    mut named: Named,
    verdicts: &mut Verdicts,
) -> Result<(), Problem> {
    let is_full = wanted.from.is_none();
    let mut seen = Seen::new();
    for of in wanted.types {
        let mut check = Check { of, wanted, verdicts, seen: &mut seen };
        let mut ids = named.remove(of.audited.code).unwrap_or_default();
        if is_full {
            // From the first on, also one with the lowest of all ids.
            let mut last = None;
            loop {
                let these = match (of.rows.ids)(rx, last, PAGE) {
                    Err(fault) if is_of_values(&fault) => {
                        check.is_unreadable("?");
                        break;
                    }
                    these => these?,
                };
                let Some(newest) = these.last() else { break };
                last = Some(*newest);
                for id in &these {
                    ids.remove(&id.to_string());
                }
                wanted.progress.read(these.len());
                check.page(rx, &these)?;
            }
        } else {
            wanted.progress.expect(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        }
        // Named by events: rows to look up; in a full verification those that are not stored any more.
        let ids: Vec<Id> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        for these in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            if !is_full {
                wanted.progress.read(these.len());
            }
            check.page(rx, these)?;
        }
    }
    if is_full { find_strangers(rx, &seen, verdicts) } else { Ok(()) }
}

/// Verifies the rows of one type with these ids, and adds what is wrong with them to the verdicts of their chains.
pub(super) fn verify_these(
    rx: &mut Rx<'_>,
    wanted: &Wanted<'_>,
    of: &VerifiedType,
    ids: &[Id],
    verdicts: &mut Verdicts,
) -> Result<(), Problem> {
    Check { of, wanted, verdicts, seen: &mut Seen::new() }.page(rx, ids)
}

/// Changes of state that belong to no audited row with states: whoever reads the history of a row asks for its id alone.
fn find_strangers(rx: &mut Rx<'_>, seen: &Seen, verdicts: &mut Verdicts) -> Result<(), Problem> {
    let known = status_changes::table
        .select((status_changes::resource_type, status_changes::resource_id))
        .distinct()
        .load::<(String, Id)>(rx.db)
        .map_err(Problem::from);
    // Nobody knows their chain, so all are told.
    let Some(verdict) = verdicts.values_mut().next() else { return Ok(()) };
    let known = match known {
        Err(unread) if is_of_values(&unread) => {
            verdict.add_row_fault(fault("?", "?", "history", None));
            return Ok(());
        }
        known => known?,
    };
    let is_strange = |of: &(String, Id)| seen.get(of.0.as_str()).is_none_or(|ids| !ids.contains(&of.1));
    for (resource_type, id) in known.into_iter().filter(is_strange) {
        verdict.add_row_fault(fault(&resource_type, &id.to_string(), "history", None));
    }
    Ok(())
}

pub(super) fn fault(resource_type: &str, id: &str, fault: &str, member: Option<&str>) -> RowFault {
    RowFault {
        resource_type: resource_type.to_owned(),
        resource_id: id.to_owned(),
        fault: fault.to_owned(),
        member: member.map(str::to_owned),
    }
}

/// What is needed of an event to verify its row.
#[derive(Queryable)]
struct Told {
    chain: String,
    resource_id: String,
    sequence: i64,
    at: Instant,
    actor_id: Option<Id>,
    actor_role: Option<String>,
    action: String,
    before: Option<String>,
    after: Option<String>,
    salt: Option<String>,
}

struct Check<'a, 'w> {
    of: &'a VerifiedType,
    wanted: &'a Wanted<'w>,
    verdicts: &'a mut Verdicts,
    seen: &'a mut Seen,
}

impl Check<'_, '_> {
    /// Verifies the rows with these ids. What cannot be read of one, or of its events, must not keep the others from being
    /// verified: then each is read alone.
    fn page(&mut self, rx: &mut Rx<'_>, ids: &[Id]) -> Result<(), Problem> {
        match (self.at_once(rx, ids), ids) {
            (Err(fault), [id]) if is_of_values(&fault) => self.is_unreadable(&id.to_string()),
            (Err(fault), _) if is_of_values(&fault) => {
                for id in ids {
                    self.page(rx, std::slice::from_ref(id))?;
                }
            }
            (read, _) => return read,
        }
        Ok(())
    }

    /// Tells all of a row that cannot be read: nobody knows its chain.
    fn is_unreadable(&mut self, id: &str) {
        let resource_type = self.of.audited.code;
        if let Some(verdict) = self.verdict(None) {
            verdict.add_row_fault(fault(resource_type, id, UNREADABLE, None));
        }
    }

    fn at_once(&mut self, rx: &mut Rx<'_>, ids: &[Id]) -> Result<(), Problem> {
        let of = self.of;
        if of.audited.has_states() {
            self.seen.entry(of.audited.code).or_default().extend(ids);
        }
        let mut events = self.events(rx, ids)?;
        let mut history = self.history(rx, ids)?;
        let (stored, mut unproven) = self.read(rx, ids)?;
        let mut stored: HashMap<Id, StoredValue> = stored.into_iter().map(|row| (row.id, row)).collect();
        for id in ids {
            let (events, row) = (events.remove(&id.to_string()).unwrap_or_default(), stored.remove(id));
            // Where the row belongs, whatever an event says: its readers are told.
            let chain = row.as_ref().and_then(|row| row.chain.clone());
            let chain = chain.or_else(|| events.last().map(|event| event.chain.clone()));
            // A row of nobody's chain is told to all.
            let Some(verdict) = self.verdict(chain) else { continue };
            verdict.rows += i64::from(row.is_some());
            let found = match unproven.get(id) {
                Some(&UNREADABLE) => Some((UNREADABLE, None)),
                _ => compare(of.audited.code, row.as_ref(), &events),
            };
            let found = found.or_else(|| unproven.remove(id).map(|fault| (fault, None)));
            let mut is_told = || same_history(&events, history.remove(id).unwrap_or_default());
            let found = match found {
                None if of.audited.has_states() && !is_told() => Some(("history", None)),
                found => found,
            };
            if let Some((what, member)) = found {
                verdict.add_row_fault(fault(of.audited.code, &id.to_string(), what, member.as_deref()));
            }
        }
        Ok(())
    }

    /// The rows, and those that do not prove what they should. A row that cannot be read, because a value in it is none that
    /// the program would write, must not keep the others from being verified: then each is read alone.
    fn read(
        &self,
        rx: &mut Rx<'_>,
        ids: &[Id],
    ) -> Result<(Vec<StoredValue>, HashMap<Id, &'static str>), Problem> {
        let at_once = |rx: &mut Rx<'_>, ids: &[Id]| {
            let rows = (self.of.rows.these)(rx, ids)?;
            let unproven = self.of.proof.map_or(Ok(Vec::new()), |proof| proof(rx, ids))?;
            Ok::<_, Problem>((rows, unproven.into_iter().collect()))
        };
        match at_once(rx, ids) {
            Err(fault) if is_of_values(&fault) => {}
            read => return read,
        }
        let (mut rows, mut unproven) = (Vec::new(), HashMap::new());
        for id in ids {
            match at_once(rx, &[*id]) {
                Ok((row, its)) => {
                    rows.extend(row);
                    unproven.extend(its);
                }
                Err(fault) if is_of_values(&fault) => {
                    unproven.insert(*id, UNREADABLE);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok((rows, unproven))
    }

    /// The verdict of a row's chain, if it is asked for. A row of nobody's chain is told to all.
    fn verdict(&mut self, chain: Option<String>) -> Option<&mut ChainVerdict> {
        let Some(chain) = chain else { return self.verdicts.values_mut().next() };
        if !(self.wanted.is_asked)(&chain) {
            return None;
        }
        Some(self.verdicts.entry(chain).or_insert_with_key(|chain| ChainVerdict::of(chain, GENESIS)))
    }

    /// All events of these resources by id, in their order.
    fn events(&self, rx: &mut Rx<'_>, ids: &[Id]) -> Result<HashMap<String, Vec<Told>>, Problem> {
        let of_these = audit_events::table
            .filter(audit_events::resource_id.one_of(ids.iter().map(ToString::to_string)))
            .filter(audit_events::resource_type.eq(self.of.audited.code));
        let told: Vec<Told> = of_these
            .select((
                audit_events::chain,
                audit_events::resource_id,
                audit_events::sequence,
                audit_events::at,
                audit_events::actor_id,
                audit_events::actor_role,
                audit_events::action,
                audit_events::before_values,
                audit_events::after_values,
                audit_events::salt,
            ))
            .load(rx.db)?;
        let mut by_id: HashMap<String, Vec<Told>> = HashMap::new();
        for event in told {
            by_id.entry(event.resource_id.clone()).or_default().push(event);
        }
        for events in by_id.values_mut() {
            events.sort_by(|a, b| (&a.chain, a.sequence).cmp(&(&b.chain, b.sequence)));
        }
        Ok(by_id)
    }

    fn history(&self, rx: &mut Rx<'_>, ids: &[Id]) -> Result<HashMap<Id, Vec<RecordedStep>>, Problem> {
        let mut by_id: HashMap<Id, Vec<RecordedStep>> = HashMap::new();
        if self.of.audited.has_states() {
            for step in RecordedStep::of_all(rx, self.of.audited.code, ids)? {
                by_id.entry(step.resource_id).or_default().push(step);
            }
        }
        Ok(by_id)
    }
}

/// The fault of a row with a value that the program would not write.
const UNREADABLE: &str = "unreadable";

type Found = Option<(&'static str, Option<String>)>;

/// Members that migrations and earlier versions filled in rows whose newest event does not tell of them.
const FILLED_EARLIER: [(&str, &str); 6] = [
    ("person", "earlierName"),
    ("person", "renamedAt"),
    ("programme", "openedAt"),
    ("programme", "seedShownAt"),
    ("programmeSettings", "adoptedAt"),
    ("programmeSettings", "status"),
];

/// Compares a row of a type with its newest event.
fn compare(of: &str, row: Option<&StoredValue>, events: &[Told]) -> Found {
    let Some(newest) = events.last() else { return row.map(|_| ("unknown", None)) };
    // A row stays in its chain. An event in another one, which its readers do not read, cannot speak of it.
    let chain = row.and_then(|row| row.chain.as_ref()).unwrap_or(&newest.chain);
    if events.iter().any(|event| event.chain != *chain) {
        return Some(("chain", None));
    }
    let Some(after) = &newest.after else {
        // Without a salt the values were erased, and nothing is known of the row.
        return row.filter(|_| newest.salt.is_some()).map(|_| ("unknown", None));
    };
    let Some(row) = row else { return Some(("missing", None)) };
    let Value::Object(told) = parsed(after) else { return Some(("changed", None)) };
    // A member that the row has not any more was left out by a later version of the program.
    let mut differing = told
        .iter()
        .filter(|(name, _)| name.as_str() != STATUS_CHANGE)
        .filter(|(name, value)| row.value.get(name.as_str()).is_some_and(|stored| stored != *value))
        .map(|(name, _)| name);
    // One that a later version added is empty until an event tells of it.
    let mut untold = row.value.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let is_filled = FILLED_EARLIER.contains(&(of, name.as_str()));
        (!value.is_null() && !is_filled && !told.contains_key(name)).then_some(name)
    });
    let found = differing.next().or_else(|| untold.next());
    found.map(|name| ("changed", Some(name.clone())))
}

/// Whether the changes of state are those that the events tell of.
fn same_history(events: &[Told], history: Vec<RecordedStep>) -> bool {
    let mut kept: BTreeMap<i32, RecordedStep> = BTreeMap::new();
    for step in history {
        if kept.insert(step.resource_version, step).is_some() {
            return false;
        }
    }
    let mut erased = Vec::new();
    for event in events {
        let (Some(before), Some(after)) = (&event.before, &event.after) else {
            erased.extend(Some(event).filter(|event| event.salt.is_none()));
            continue;
        };
        let (before, after) = (parsed(before), parsed(after));
        if before.get("status") == after.get("status") {
            continue;
        }
        let version =
            after.get("version").and_then(Value::as_i64).and_then(|version| i32::try_from(version).ok());
        let Some(step) = version.and_then(|version| kept.remove(&version)) else { return false };
        let is_same = before.get("status").and_then(Value::as_str) == Some(&step.from_status)
            && after.get("status").and_then(Value::as_str) == Some(&step.to_status)
            && event.actor_id == step.by_id
            && event.actor_role.as_deref() == Some(&step.role)
            && event.at == step.at
            && after.get(STATUS_CHANGE).is_none_or(|told| step.is_told_by(told));
        if !is_same {
            return false;
        }
    }
    // What is left are the steps of events without values, each of one event: who took the step, when and to which state is
    // not erased.
    kept.into_values().all(|step| {
        let is_told = |event: &&Told| {
            event.action.split_once('.').is_some_and(|(_, to)| to == step.to_status)
                && event.actor_id == step.by_id
                && event.actor_role.as_deref() == Some(&step.role)
                && event.at == step.at
        };
        let at = erased.iter().position(is_told);
        at.map(|at| erased.swap_remove(at)).is_some()
    })
}

/// The values of an event; null when they cannot be read, which is a fault of its chain.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
