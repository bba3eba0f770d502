//! The changes of a participant: what each requires and what follows from it.

mod leaving;
mod roles;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::requests::{NewParticipant, ParticipantPatch};
use super::rules;
use super::store::{self, ParticipantRow};
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::{ParticipantCreate, ParticipantUpdate};
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::change::Changed;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Thing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{ProgrammeRow, check_not_over, funding_sentence};
use crate::programmes::settings;
use crate::reference::kommuner;
use crate::team::{self, FinancingForm, Organisation, ParticipantListener, Period, Places};

pub use leaving::{end_team, lock_teams};
pub use roles::{end_coordinators, end_roles};

/// Adds a participant: finds or invites the person, grants the roles, and notifies the higher areas.
pub fn create(tx: &mut Tx<'_>, new: NewParticipant) -> Result<ParticipantRow, Problem> {
    tx.visible::<ProgrammeRow>(new.programme_id)?;
    let place = team::place(new.programme_id, new.organisation, new.kommunkod.as_deref());
    tx.ctx.check_reach::<ParticipantCreate>(&place)?;
    if !tx.ctx.names_no_place() {
        rules::may_add(&tx.ctx.scope.roles_for(&place), new.organisation, new.is_coordinator)?;
    }
    // The lock keeps the programme's state from changing, and makes concurrent requests for the same person wait.
    let programme = tx.locked::<ProgrammeRow>(new.programme_id)?;
    let financing_form = checked_input(tx, &programme, &new)?;
    check_not_over(&programme)?;
    check_membership(tx, new.programme_id, new.kommunkod.as_deref())?;
    let known = people::unscoped_by_email(tx.db, &new.email)?;
    let mut is_seen = false;
    if let Some(person) = &known {
        let keys = AuthzKeys { person_id: Some(person.id), ..place };
        tx.check_not_own_case::<ParticipantCreate>(&Thing::new(tx.ctx, ParticipantRow::TYPE, keys))?;
        is_seen = people::is_seen(tx, person.id)?;
        if is_seen {
            check_enabled(person)?;
        }
        check_no_overlap(tx, person.id, new.programme_id, new.kommunkod.as_deref(), new.period(), None)?;
    }
    let person = invited(tx, &programme, &new, known)?;
    let given = if is_seen { None } else { Some(given(tx, &new, person.id)?) };
    let sent = new.into_row(tx.ctx, &person, financing_form, given);
    let mut row = sent.clone();
    row.is_coordinator |= roles::is_coordinator(tx, &row)?;
    check_obstacles(tx, None, &row)?;
    tx.insert(&row)?;
    // `sent`, not `row`: a role of coordinator that the person already holds must stay as it was granted.
    roles::update(tx, None, &sent)?;
    tell(tx, None, &row)?;
    Ok(row)
}

/// Changes a participant.
pub fn change(
    tx: &mut Tx<'_>,
    found: &ParticipantRow,
    patch: ParticipantPatch,
) -> Result<ParticipantRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(found.programme_id)?;
    let Changed { before, after } = tx.change(found.id, "changed", |tx, before: &ParticipantRow| {
        tx.check_not_own_case::<ParticipantUpdate>(&Thing::of(before))?;
        let person = people::unscoped_by_id(tx.db, before.person_id)?;
        let after = patch.apply(before.clone(), &person);
        may_move(tx, before, &after)?;
        Code::InvalidInput.refuse_any(change_faults(&programme, before, &after))?;
        check_not_over(&programme)?;
        let kommunkod = after.kommunkod.as_deref();
        check_membership(tx, after.programme_id, kommunkod)?;
        check_no_overlap(tx, after.person_id, after.programme_id, kommunkod, after.period(), Some(after.id))?;
        check_obstacles(tx, Some(before), &after)?;
        Ok(after)
    })?;
    roles::update(tx, Some(&before), &after)?;
    tell(tx, Some(&before), &after)?;
    Ok(after)
}

/// 403 if the change makes or ends a coordinator, or moves the dates of one, and the caller may not do so. The dates count
/// because the role follows them.
fn may_move(tx: &Tx<'_>, before: &ParticipantRow, after: &ParticipantRow) -> Result<(), Problem> {
    let moves_coordinator = (before.is_coordinator || after.is_coordinator)
        && (before.valid_from, before.valid_to) != (after.valid_from, after.valid_to);
    if after.is_coordinator != before.is_coordinator || moves_coordinator {
        rules::may_add(&tx.ctx.scope.roles_for(before), before.organisation, true)?;
    }
    Ok(())
}

fn change_faults(
    programme: &ProgrammeRow,
    before: &ParticipantRow,
    after: &ParticipantRow,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if after.period() != before.period() {
        faults.extend(rules::date_faults(after.period(), programme));
    }
    faults.extend(rules::coordinator_fault(after.organisation, after.is_coordinator));
    faults
}

/// 422 with every error of the input; returns how the person's time is paid for.
fn checked_input(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    new: &NewParticipant,
) -> Result<FinancingForm, Problem> {
    let mut faults = rules::date_faults(new.period(), programme);
    faults.extend(rules::coordinator_fault(new.organisation, new.is_coordinator));
    faults.extend(team::unknown_kommun(tx.db, new.kommunkod.as_deref())?);
    let settings = settings::unscoped_on_day(tx.db, programme.id, new.valid_from)?;
    let may_be_in_kind = settings.content.0.owner_in_kind_allowed;
    match rules::financing_form(new.organisation, new.financing_form, may_be_in_kind) {
        Ok(form) if faults.is_empty() => Ok(form),
        form => {
            faults.extend(form.err());
            Err(Problem::new(Code::InvalidInput).errors(faults))
        }
    }
}

/// 409 if the kommun has no place in the programme (the area `calls` knows this).
fn check_membership(tx: &mut Tx<'_>, programme_id: Id, kommunkod: Option<&str>) -> Result<(), Problem> {
    let Some(kommunkod) = kommunkod else { return Ok(()) };
    if Places::of(&mut tx.as_read(), &BTreeSet::from([programme_id]))?.has(programme_id, kommunkod) {
        return Ok(());
    }
    let words = Localized::fixed(
        "Kommunen deltar inte i programmet.",
        "The kommun does not take part in the programme.",
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new(
        "/kommunkod",
        "notParticipating",
        words,
    )]))
}

/// The name and address by which a person is shown whom the caller does not see: as they were sent when the person was added to
/// the team for the first time.
fn given(tx: &mut Tx<'_>, new: &NewParticipant, person_id: Id) -> Result<(String, String), Problem> {
    let kommunkod = new.kommunkod.as_deref();
    let earlier = store::unscoped_of_person(tx.db, person_id, new.programme_id)?.into_iter();
    let mut earlier = earlier.filter(|row| row.kommunkod.as_deref() == kommunkod);
    let known = earlier.find_map(|row| row.given_name.zip(row.given_email));
    Ok(known.unwrap_or_else(|| (new.name.to_string(), new.email.to_lowercase())))
}

/// 409 when the login of a person whom the caller sees is disabled. Of others an address must not tell it.
fn check_enabled(person: &PersonRow) -> Result<(), Problem> {
    if person.status != PersonState::Disabled {
        return Ok(());
    }
    let words = Localized::fixed("Personens inloggning är avstängd.", "The person's login is disabled.");
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/email", "disabled", words)]))
}

/// 409 if the person already belongs to the same team on some of these days.
fn check_no_overlap(
    tx: &mut Tx<'_>,
    person_id: Id,
    programme_id: Id,
    kommunkod: Option<&str>,
    period: Period,
    except: Option<Id>,
) -> Result<(), Problem> {
    let others = store::unscoped_of_person(tx.db, person_id, programme_id)?;
    let taken = others.iter().find(|other| {
        other.kommunkod.as_deref() == kommunkod
            && Some(other.id) != except
            && other.period().overlaps(&period)
    });
    let Some(taken) = taken else { return Ok(()) };
    let until = |open: &str| taken.valid_to.map_or(open.to_owned(), |last| last.to_string());
    Err(Problem::new(Code::AlreadyExists)
        .detail(
            format!("Personen är redan med i teamet från {} till {}.", taken.valid_from, until("vidare")),
            format!(
                "The person is already in the team from {} to {}.",
                taken.valid_from,
                until("no stated day")
            ),
        )
        .member("participantId", taken.id.to_string()))
}

/// The person to add. A person who is new or has not accepted an invitation is invited; others are informed by mail.
fn invited(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    new: &NewParticipant,
    known: Option<PersonRow>,
) -> Result<PersonRow, Problem> {
    let organisation = match (new.organisation, &new.kommunkod) {
        (Organisation::Kommun, Some(kommunkod)) => Some(kommuner::name_of(tx.db, kommunkod)?),
        _ => None,
    };
    let funding = funding_sentence(programme.profile);
    let (team_sv, team_en) = match &organisation {
        Some(name) => (format!("i teamet för {name}"), format!("to the team of {name}")),
        None => ("bland projektägarens medarbetare".to_owned(), "to the owner's staff".to_owned()),
    };
    let why = Localized::new(
        format!("Du har lagts till {team_sv} i programmet {}, från {}.", programme.name, new.valid_from),
        format!(
            "You have been added {team_en} in the programme {}, from {}.",
            programme.name, new.valid_from
        ),
    );
    let with_funding =
        Localized::new(format!("{}\n\n{}", why.sv, funding.sv), format!("{}\n\n{}", why.en, funding.en));
    match known {
        None => Ok(people::invited(tx, &new.name, &new.email, &with_funding)?.0),
        Some(person) if person.status == PersonState::Invited => {
            people::invite(tx, &person, &with_funding)?;
            Ok(person)
        }
        Some(person) => {
            people::pretend_to_invite(tx, &new.name)?;
            if person.status == PersonState::Active {
                let subject = Localized::fixed("Du är med i ett team", "You have been added to a team");
                tx.mail(&person.email, &subject, &why, Some(&funding))?;
            }
            Ok(person)
        }
    }
}

/// 409 with every objection of the higher areas to the change.
fn check_obstacles(
    tx: &mut Tx<'_>,
    before: Option<&ParticipantRow>,
    after: &ParticipantRow,
) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut faults = Vec::new();
    for listener in hooks.of::<dyn ParticipantListener>() {
        faults.extend(listener.obstacles(tx, before, after)?);
    }
    Code::StateConflict.refuse_any(faults)
}

/// Notifies the higher areas, inside the same transaction.
fn tell(tx: &mut Tx<'_>, before: Option<&ParticipantRow>, after: &ParticipantRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ParticipantListener>() {
        listener.changed(tx, before, after)?;
    }
    Ok(())
}
