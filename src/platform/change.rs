//! One way to change a stored thing. Every change is *load → judge → write*: the row is locked, the resource judges what is
//! asked of it, `If-Match` is compared, and only then is anything saved. The contract's order of refusals (api.md) follows
//! from it: 404, 403, 422, then 428 and 412, then 409.

use crate::platform::context::{Context, IfMatch};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored;
use crate::platform::tx::Tx;

/// A row before and after a change.
#[derive(Clone, Debug)]
pub struct Changed<R> {
    /// As it was, locked.
    pub before: R,
    /// As it was saved.
    pub after: R,
}

impl Tx<'_> {
    /// Changes one row. `judge` answers the row as it is to be, or refuses: it names what is missing in the caller (403),
    /// every fault of the input (422), or what the state forbids (409). `action` is what the audit trail calls the change;
    /// the row declares it in `stored!`.
    pub fn change<R: Stored>(
        &mut self,
        id: Id,
        action: &'static str,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<R, Problem>,
    ) -> Result<Changed<R>, Problem> {
        let (before, after) = self.judged(id, None, judge)?;
        let after = self.update(action, &before, after)?;
        Ok(Changed { before, after })
    }

    /// Like [`change`](Self::change), where `judge` may find that there is nothing to change: then nothing is saved, and the
    /// row keeps its version.
    pub fn change_if_any<R: Stored>(
        &mut self,
        id: Id,
        action: &'static str,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<Option<R>, Problem>,
    ) -> Result<Changed<R>, Problem> {
        match self.judged(id, None, judge)? {
            (before, Some(after)) => {
                let after = self.update(action, &before, after)?;
                Ok(Changed { before, after })
            }
            (before, None) => Ok(Changed { after: before.clone(), before }),
        }
    }

    /// Deletes a draft, unless `judge` refuses.
    pub fn delete<R: Stored>(
        &mut self,
        id: Id,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<(), Problem>,
    ) -> Result<R, Problem> {
        let (row, ()) = self.judged(id, None, judge)?;
        self.ctx.refuse_invalid_body()?;
        match row.delete(self)? {
            1 => self.audit_deleted(&row)?,
            _ => return Err(Problem::new(Code::VersionMismatch)),
        }
        Ok(row)
    }

    /// Locks a row and judges what is asked of it, without saving anything: for a change of another row that depends on
    /// this one (a signature on a letter). `version` is the one that an item of a batch has seen; `If-Match` counts
    /// where it names none.
    pub fn judged<R: Stored, T>(
        &mut self,
        id: Id,
        version: Option<i32>,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<T, Problem>,
    ) -> Result<(R, T), Problem> {
        let row = R::locked(self, id)?;
        let judged = judge(self, &row);
        Ok((row.clone(), in_order(self.ctx, version, row.version(), judged)?))
    }
}

/// Places the comparison of the versions into the contract's order: after 403 and 422, before 409.
fn in_order<T>(
    ctx: &Context,
    seen: Option<i32>,
    version: i32,
    judged: Result<T, Problem>,
) -> Result<T, Problem> {
    match judged {
        Err(problem) if matches!(problem.code.status(), 403 | 422) => Err(problem),
        other => precondition(ctx, seen, version).and(other),
    }
}

/// 412 when the caller has seen another version than the stored one; 428 when a PUT, PATCH or DELETE names none.
fn precondition(ctx: &Context, seen: Option<i32>, version: i32) -> Result<(), Problem> {
    let is_stale = match (seen, &ctx.request.if_match) {
        (Some(seen), _) => seen != version,
        (None, Some(IfMatch::Versions(seen))) => !seen.contains(&version),
        (None, Some(IfMatch::Any)) => false,
        (None, None) if matches!(ctx.request.method.as_str(), "PUT" | "PATCH" | "DELETE") => {
            return Err(Problem::new(Code::PreconditionRequired));
        }
        (None, None) => false,
    };
    if !is_stale {
        return Ok(());
    }
    let problem = Problem::new(Code::VersionMismatch);
    if seen.is_some() {
        return Err(problem);
    }
    Err(problem.detail(
        format!("Versionen är nu {version}, inte den som If-Match nämner."),
        format!("The version is now {version}, not the one that If-Match names."),
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::platform::context::RequestFacts;

    fn with(method: &str, if_match: Option<IfMatch>) -> Context {
        let facts = RequestFacts { method: method.into(), if_match, ..RequestFacts::default() };
        Context { request: Arc::new(facts), ..Context::example() }
    }

    fn code(ctx: &Context, seen: Option<i32>, judged: Code) -> Code {
        in_order::<()>(ctx, seen, 3, Err(Problem::new(judged))).unwrap_err().code
    }

    #[test]
    fn the_versions_are_compared_after_the_input_and_before_the_state() {
        let stale = with("PATCH", Some(IfMatch::Versions(vec![2])));
        assert_eq!(code(&stale, None, Code::OwnWork), Code::OwnWork);
        assert_eq!(code(&stale, None, Code::InvalidInput), Code::InvalidInput);
        assert_eq!(code(&stale, None, Code::StateConflict), Code::VersionMismatch);
        assert_eq!(code(&with("PATCH", None), None, Code::StateConflict), Code::PreconditionRequired);
        assert_eq!(code(&with("POST", None), None, Code::StateConflict), Code::StateConflict);
    }

    #[test]
    fn an_item_names_its_own_version() {
        let batch = with("POST", None);
        assert_eq!(code(&batch, Some(2), Code::StateConflict), Code::VersionMismatch);
        assert_eq!(code(&batch, Some(3), Code::StateConflict), Code::StateConflict);
        assert!(in_order(&with("PATCH", Some(IfMatch::Any)), None, 3, Ok(())).is_ok());
        assert!(in_order(&with("PATCH", Some(IfMatch::Versions(vec![1, 3]))), None, 3, Ok(())).is_ok());
    }
}
