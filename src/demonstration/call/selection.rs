//! More kommuner qualify than there are places: the choice is computed, proposed, adopted by another manager and announced. One
//! of the chosen then says no, and the best replacement gets its place.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Applied, autumn};
use crate::demonstration::Stage;
use crate::demonstration::people::Kommun;
use crate::demonstration::visitor::{Visitor, id, text};

/// The kommun in whose premises the network meets. The call says beforehand that it takes part.
const HOST: &str = "0114";

/// How the places will be given, as the call says before it opens: by the default goals, and with the host.
pub fn plan() -> Value {
    let reason = "Värdkommun: nätverkets träffar hålls i dess lokaler, vilket utlysningen bygger på.";
    json!({"pins": [{"kommunkod": HOST, "in": true, "reason": reason}]})
}

/// Those who give the places of a programme.
pub struct Places<'a> {
    /// Its id.
    pub programme: &'a str,
    /// Who computes and proposes.
    pub manager: &'a Visitor,
    /// Who adopts: another person.
    pub deputy: &'a Visitor,
}

impl Places<'_> {
    /// Gives the places; returns the kommuner that take part in the end, in the order of their codes.
    pub fn give(&self, stage: &Stage, applied: &[Applied]) -> Result<Vec<Kommun>, String> {
        let body = json!({"title": "Tolv av fyrtio"});
        let made = self.manager.post(&format!("/programmes/{}/selection-proposals", self.programme), body)?;
        let proposal = format!("/selection-proposals/{}", id(&made)?);
        self.manager.change(&proposal, "computed")?;
        let computed = explained(self.manager, &proposal)?;
        self.manager.change(&proposal, "proposed")?;
        stage.advance_to(autumn(stage, 11, 18, 10))?;
        let decided_on = stage.offer_day(2020, 11, 18);
        let decision =
            json!({"body": "SKR:s styrgrupp", "decidedOn": decided_on, "registryNumber": "SKR 2020/00118"});
        let facts = json!({"decision": decision});
        self.deputy.change_with(&proposal, "adopted", &facts, "Styrgruppen har antagit förslaget.")?;
        self.manager.change(&proposal, "announced")?;
        let chosen = self.replace(stage, (&proposal, selected(&computed)), applied)?;
        let mut kommuner: Vec<Kommun> =
            applied.iter().map(|one| one.kommun.clone()).filter(|one| chosen.contains(&one.code)).collect();
        kommuner.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(kommuner)
    }

    /// One of the chosen says no, and the best replacement gets its place; returns the chosen then.
    fn replace(
        &self,
        stage: &Stage,
        (proposal, mut chosen): (&str, Vec<String>),
        applied: &[Applied],
    ) -> Result<Vec<String>, String> {
        let application = |code: &str| {
            let found = applied.iter().find(|one| one.kommun.code == code);
            found.ok_or_else(|| format!("{code} has not applied"))
        };
        stage.advance_to(autumn(stage, 11, 24, 14))?;
        let index = chosen.iter().rposition(|code| code != HOST).ok_or("nobody is chosen")?;
        let leaves = application(&chosen.remove(index))?;
        let why = "Kommunstyrelsen prioriterar en omorganisation och tackar nej.";
        leaves.who.change_because(&leaves.path, "declined", why)?;
        stage.advance_to(autumn(stage, 11, 26, 10))?;
        let best = self.manager.get(&format!("{proposal}/replacements"))?;
        let comes = best.pointer("/best/0").ok_or_else(|| format!("no replacement in {best}"))?;
        let comes = text(comes, "kommunkod")?;
        self.manager.change(&application(&comes)?.path, "selected")?;
        chosen.push(comes);
        Ok(chosen)
    }
}

/// The kommuner that a proposal has chosen.
fn selected(proposal: &Value) -> Vec<String> {
    let codes = proposal.get("selected").and_then(Value::as_array).into_iter().flatten();
    codes.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// How often a proposal is read that is being computed, and for how long.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 2400;

/// Waits until a proposal is computed and explained.
fn explained(by: &Visitor, proposal: &str) -> Result<Value, String> {
    for _ in 0..LOOKS {
        let seen = by.get(proposal)?;
        if seen.pointer("/explanation/state").and_then(Value::as_str) == Some("done") {
            return Ok(seen);
        }
        let state = seen.pointer("/computation/state").and_then(Value::as_str).unwrap_or_default();
        if !matches!(state, "running" | "done") {
            return Err(format!("{proposal} is not computed: {seen}"));
        }
        std::thread::sleep(LOOK);
    }
    Err(format!("{proposal} is still computed"))
}
