//! What somebody may be to a thing that is decided about, and which of these relations keep them from which deed (guide §1).

use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;

/// What a person is, or was, to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Made it, or a part of it: proposed settings, submitted a milestone, entered rows, registered a sheet.
    Author,
    /// It is about them: their time, their employment, themselves.
    Subject,
    /// Signed or attested it, or is named to sign it.
    Signer,
    /// Attested an earlier round of signing of it, which is void now.
    AttestedBefore,
    /// Speaks for the kommun whose case it is.
    Contact,
    /// Today made another person its subject, signer or contact in place of somebody else or anew.
    MadeToday,
    /// Belongs to the team of the kommun whose case it is, or to those who attest for it or read its sums.
    TeamMember,
}

use Relation::{AttestedBefore, Author, Contact, MadeToday, Signer, Subject, TeamMember};

impl Relation {
    /// All relations, in the order of the generated table.
    pub const ALL: [Self; 7] = [Author, Subject, Signer, AttestedBefore, Contact, MadeToday, TeamMember];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Author => "author",
            Subject => "subject",
            Signer => "signer",
            AttestedBefore => "attestedBefore",
            Contact => "contact",
            MadeToday => "madeToday",
            TeamMember => "teamMember",
        }
    }

    /// What the person is, for the refusal.
    const fn words(self) -> Localized {
        match self {
            Author => Localized::fixed("den som har gjort det", "who made it"),
            Subject => Localized::fixed("den som det gäller", "whom it is about"),
            Signer => Localized::fixed("en av dem som undertecknar", "one of those who sign"),
            AttestedBefore => {
                Localized::fixed("den som attesterade en tidigare gång", "who attested it an earlier time")
            }
            Contact => Localized::fixed("kommunens kontaktperson", "the kommun's contact"),
            MadeToday => Localized::fixed(
                "den som i dag har bytt kontakt, undertecknare eller medarbetare",
                "who changed its contact, signer or participant today",
            ),
            TeamMember => Localized::fixed("med i kommunens team", "a member of the kommun's team"),
        }
    }
}

/// How much a step or another change decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nothing about anybody else's case: a step with one's own thing, or administration.
    NoDecision,
    /// Registers something on another person's behalf. Who does so is author of the registration only.
    OnBehalf,
    /// Attests or returns one round of signing. Each round is judged anew, also by who judged an earlier one.
    Attest,
    /// Decides.
    Decision,
}

impl Deed {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoDecision => "noDecision",
            Self::OnBehalf => "onBehalf",
            Self::Attest => "attest",
            Self::Decision => "decision",
        }
    }
}

/// Whether a relation keeps a person from a deed. Membership of a kommun's team bars only decisions about that kommun.
pub const fn bars(relation: Relation, deed: Deed, is_about_kommun: bool) -> bool {
    match (deed, relation) {
        (Deed::NoDecision, _) => false,
        // Nobody registers for themself as if for another.
        (Deed::OnBehalf, relation) => matches!(relation, Subject | Signer | Contact),
        (Deed::Attest, AttestedBefore) => false,
        (Deed::Attest | Deed::Decision, TeamMember) => is_about_kommun,
        (Deed::Attest | Deed::Decision, _) => true,
    }
}

/// 403 with the relation that bars the caller.
pub(crate) fn refusal(relation: Relation) -> Problem {
    let words = relation.words();
    Problem::new(Code::OwnWork).detail(
        format!("Du är eller var {}. Det här gör en annan.", words.sv),
        format!("You are or were {}. Somebody else must do this.", words.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_barred_by_everything_and_by_the_team_only_about_its_kommun() {
        for relation in Relation::ALL {
            assert!(!bars(relation, Deed::NoDecision, true), "{relation:?}");
            assert!(bars(relation, Deed::Decision, true), "{relation:?}");
            assert_eq!(bars(relation, Deed::Decision, false), relation != TeamMember, "{relation:?}");
            let bars_attest = bars(relation, Deed::Attest, true);
            assert_eq!(bars_attest, relation != AttestedBefore, "{relation:?}");
        }
    }

    #[test]
    fn nobody_registers_for_themself_but_the_author_may_register_more() {
        let barred: Vec<_> = Relation::ALL.into_iter().filter(|it| bars(*it, Deed::OnBehalf, true)).collect();
        assert_eq!(barred, [Subject, Signer, Contact]);
    }
}
