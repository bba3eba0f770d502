//! The rules by which a programme's places are given.

use super::{Facts, has_missed_the_letter};
use crate::calls::applications::ApplicationRow;
use crate::calls::applications::ApplicationState::{self, *};
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::programmes::settings::SelectionStage;

/// The states that hold one of the programme's places, or held it to the end. A kommun that leaves early gives it back.
pub const HOLDS_A_PLACE: [ApplicationState; 3] = [Selected, Participating, Completed];

/// The automatic step that follows a step. A confirmed application qualifies if its letter has been received in time. If an
/// application qualifies after the places were given, it gets a free place or becomes a reserve. In a running programme, a
/// selected kommun takes part at once.
pub fn next(
    status: ApplicationState,
    programme: ProgrammeState,
    letter_in_time: bool,
    is_free: bool,
) -> Option<ApplicationState> {
    match (status, programme) {
        (Confirmed, _) if letter_in_time => Some(Qualified),
        (Qualified, ProgrammeState::Decided) => Some(if is_free { Selected } else { Reserve }),
        (Selected, ProgrammeState::Running) => Some(Participating),
        _ => None,
    }
}

/// Whether the places have been announced to the kommun: it has a place, is a reserve, or has no place.
pub fn has_been_placed(status: ApplicationState) -> bool {
    matches!(status, Selected | Reserve | NotSelected)
}

/// Whether the application is in the pool from which the places are given.
pub fn is_in_pool(status: ApplicationState, stage: SelectionStage) -> bool {
    status == Qualified || (status == Confirmed && stage == SelectionStage::AfterMeeting)
}

/// Whether the kommun still has time for its next step. The places cannot be given before that.
pub fn is_awaited(status: ApplicationState) -> bool {
    matches!(status, Invited | Confirmed)
}

/// The error that an application still has time for its next step.
pub fn still_has_time(row: &ApplicationRow) -> FieldError {
    let (code, kommun) = (row.status.as_str(), &row.kommunkod);
    let words = Localized::new(
        format!("Kommun {kommun} är {code} och har ännu tid på sig."),
        format!("Kommun {kommun} is {code} and still has time for its next step."),
    );
    FieldError::new(format!("/applications/{}", row.id), "stillHasTime", words)
}

/// The error that the programme's deadline for the letters has not passed.
pub fn letters_still_open(programme: &ProgrammeRow, now: Instant) -> Option<FieldError> {
    let words = Localized::fixed(
        "Sista dag för avsiktsförklaringar har inte passerat.",
        "The deadline for the letters has not passed.",
    );
    let is_open = now < programme.avsiktsforklaring_deadline;
    is_open.then(|| FieldError::new("/avsiktsforklaringDeadline", "notYet", words))
}

/// 409 when the pool has more applications than the programme has places.
pub fn check_pool(pool: i32, programme: &ProgrammeRow) -> Result<(), Problem> {
    let places = programme.places;
    if pool <= places {
        return Ok(());
    }
    Err(Problem::new(Code::NotEnoughPlaces)
        .detail(
            format!("{pool} kvalificerade, {places} platser: ett urval behövs."),
            format!("{pool} qualified, {places} places: a selection is needed."),
        )
        .member("qualified", pool)
        .member("places", places))
}

/// 409 when every place of the programme is taken.
pub fn check_free_place(taken: i64, programme: &ProgrammeRow) -> Result<(), Problem> {
    let places = programme.places;
    if taken < i64::from(places) {
        return Ok(());
    }
    Err(Problem::new(Code::NotEnoughPlaces)
        .detail(
            format!("{taken} av {places} platser är tagna."),
            format!("{taken} of {places} places are taken."),
        )
        .member("taken", taken)
        .member("places", places))
}

/// Whether a free place would go to another kommun than the best replacement, which needs a reason. `best`: who should get it;
/// none when no selection was announced.
pub fn is_deviation(kommunkod: &str, best: Option<&[String]>) -> bool {
    best.is_some_and(|best| !best.iter().any(|code| code == kommunkod))
}

/// The errors of the reason that all read: it is missing although another kommun than the best replacement gets the place, or it
/// is given where nobody would read it. When no place is free, none is missing: that is told first.
pub fn public_reason_faults(
    to: ApplicationState,
    kommunkod: &str,
    best: Option<&[String]>,
    (is_given, is_place_free): (bool, bool),
) -> Vec<FieldError> {
    let fault = |code, words| vec![FieldError::new("/data/publicReason", code, words)];
    let is_deviation = to == Selected && is_deviation(kommunkod, best);
    match (is_given, is_deviation) {
        (true, false) => fault(
            "notHere",
            Localized::fixed(
                "publicReason anges bara när en annan kommun än den bästa ersättaren får en plats.",
                "publicReason can be sent only when another kommun than the best replacement gets a place.",
            ),
        ),
        (false, true) if is_place_free => fault("required", reason_wanted(best.unwrap_or_default())),
        _ => Vec::new(),
    }
}

fn reason_wanted(best: &[String]) -> Localized {
    let names = best.join(", ");
    match best.len() {
        0 => Localized::fixed(
            "Ingen ersättare kunde räknas fram; ange varför kommunen får platsen. Alla sökande läser det.",
            "No replacement could be computed; say why the kommun gets the place. All applicants read it.",
        ),
        _ => Localized::new(
            format!(
                "Den bästa ersättaren är {names}; ange varför en annan kommun får platsen. Alla sökande läser det."
            ),
            format!(
                "The best replacement is {names}; say why another kommun gets the place. All applicants read it."
            ),
        ),
    }
}

/// 409 when a kommun that would get a place needs a letter and has none. When the pool is taken after the meeting, the kommun
/// needs a letter once its deadline has passed, and at once in a running programme. When the pool is taken after the letters,
/// nothing is checked: every reserve has qualified before.
pub fn check_letter(facts: &Facts, programme: &ProgrammeRow, now: Instant) -> Result<(), Problem> {
    let takes_part_at_once = programme.status == ProgrammeState::Running && !facts.letter_in_time;
    let is_missing = takes_part_at_once || has_missed_the_letter(facts, now);
    if !is_missing || facts.stage != SelectionStage::AfterMeeting {
        return Ok(());
    }
    let words =
        Localized::fixed("Ingen avsiktsförklaring har kommit in i tid.", "No letter was received in time.");
    let fault = FieldError::new("/avsiktsforklaring", "letterMissing", words);
    Err(Problem::new(Code::StateConflict).errors(vec![fault]))
}
