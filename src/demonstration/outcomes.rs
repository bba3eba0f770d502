//! What becomes of the interest of forty kommuner that apply by themselves: twelve qualify, the others drop out in every possible
//! way. Who of those that qualify gets a place is computed.

/// What becomes of a kommun's interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Qualifies; both signed the letter with their accounts.
    Qualifies,
    /// Qualifies; its interest came on paper, in time.
    InterestOnPaper,
    /// Qualifies; its letter came on paper, in time.
    LetterOnPaper,
    /// Qualifies; its letter came on paper in time, but was registered when the deadline had passed.
    LetterFoundLater,
    /// Qualifies; its letter was returned and sent again.
    LetterSentAgain,
    /// Never used the link: `expired`.
    NeverVerified,
    /// Turned down by SKR: `rejected`.
    Rejected,
    /// Never got an answer: `rejected`, `callEnded`.
    NeverAnswered,
    /// Was asked to complete its interest and did not: `rejected`, `callEnded`.
    ChangesUnanswered,
    /// `withdrawn` as `submitted`.
    WithdrawnSubmitted,
    /// `withdrawn` as `changesRequested`.
    WithdrawnChanges,
    /// `withdrawn` as `invited`.
    WithdrawnInvited,
    /// `withdrawn` as `confirmed`.
    WithdrawnConfirmed,
    /// `withdrawn` as `qualified`.
    WithdrawnQualified,
    /// Said no after the meeting: `declined`.
    Declined,
    /// Said nothing after the meeting: `declined`, `noAnswer`.
    NoAnswer,
    /// Its interest came on paper, too late, and it never answered: `declined`, `noAnswer`.
    LateOnPaper,
    /// Wrote no letter: `notQualified`.
    NoLetter,
    /// Only one had signed at the deadline: `notQualified`.
    LetterHalfSigned,
    /// The letter was returned and not sent again: `notQualified`.
    LetterReturned,
    /// A signer declined: `notQualified`.
    LetterDeclined,
    /// The received letter was revoked: `notQualified`.
    LetterRevoked,
    /// The letter came on paper, too late: `notQualified`.
    LetterTooLate,
}

const QUALIFY: &[Outcome] = &[
    Outcome::Qualifies,
    Outcome::InterestOnPaper,
    Outcome::LetterOnPaper,
    Outcome::Qualifies,
    Outcome::LetterSentAgain,
    Outcome::LetterFoundLater,
];

/// The most common first: with forty kommuner the first ten occur twice.
const DROP_OUT: &[Outcome] = &[
    Outcome::NoAnswer,
    Outcome::Declined,
    Outcome::NoLetter,
    Outcome::Rejected,
    Outcome::NeverVerified,
    Outcome::NeverAnswered,
    Outcome::ChangesUnanswered,
    Outcome::WithdrawnSubmitted,
    Outcome::LetterHalfSigned,
    Outcome::WithdrawnConfirmed,
    Outcome::WithdrawnChanges,
    Outcome::WithdrawnInvited,
    Outcome::WithdrawnQualified,
    Outcome::LateOnPaper,
    Outcome::LetterReturned,
    Outcome::LetterDeclined,
    Outcome::LetterRevoked,
    Outcome::LetterTooLate,
];

/// The places of those that qualify, among every ten kommuner in the order of their codes: so they are spread over the
/// country.
const OF_TEN: [usize; 3] = [0, 3, 6];

impl Outcome {
    /// The outcome of a kommun by its place among the forty, in the order of their codes.
    pub fn of(index: usize) -> Self {
        let place = index % 10;
        let before = index / 10 * OF_TEN.len() + OF_TEN.iter().filter(|other| **other < place).count();
        let (outcomes, number) =
            if OF_TEN.contains(&place) { (QUALIFY, before) } else { (DROP_OUT, index - before) };
        outcomes.iter().cycle().nth(number).copied().unwrap_or(Self::NoAnswer)
    }

    /// Whether its interest comes on paper. The programme manager registers it after the deadline.
    pub fn is_on_paper(self) -> bool {
        matches!(self, Self::InterestOnPaper | Self::LateOnPaper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_of_forty_qualify_and_every_way_occurs() {
        let outcomes: Vec<Outcome> = (0..40).map(Outcome::of).collect();
        assert_eq!(outcomes.iter().filter(|outcome| QUALIFY.contains(outcome)).count(), 12);
        for wanted in QUALIFY.iter().chain(DROP_OUT) {
            assert!(outcomes.contains(wanted), "{wanted:?}");
        }
    }
}
