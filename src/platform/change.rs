//! The one way to change a row: *load → judge → write*. The row is locked, the resource judges the request, the
//! versions are compared with `If-Match`, and only then is the row saved. This gives the order of refusals in docs/API-DESIGN.md:
//! 404, 403, 422, then 428 and 412, then 409.

use crate::platform::context::{Context, IfMatch};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored;
use crate::platform::tx::Tx;

/// A row before and after a change.
#[derive(Clone, Debug)]
pub struct Changed<R> {
    /// The row as it was when it was locked.
    pub before: R,
    /// The row as it was saved.
    pub after: R,
}

impl Tx<'_> {
    /// Changes one row. `judge` returns the row as it should become, or refuses: because of the caller (403), with
    /// every error in the input (422), or because of the state (409). `action` names the change in the audit trail; the
    /// row declares it in `stored!`. A row that becomes what it was is not saved: it keeps its version, and the audit trail
    /// tells of no change.
    pub fn change<R: Stored>(
        &mut self,
        id: Id,
        action: &'static str,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<R, Problem>,
    ) -> Result<Changed<R>, Problem> {
        self.change_if_any(id, action, |tx, before| {
            let after = judge(tx, before)?;
            Ok((after != *before).then_some(after))
        })
    }

    /// Like [`change`](Self::change), but `judge` may return `None` when there is nothing to change. Then nothing is
    /// saved and the row keeps its version.
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
            (before, None) => {
                // Nothing is saved, which is where the errors of the body would have been refused.
                self.ctx.refuse_invalid_body()?;
                Ok(Changed { after: before.clone(), before })
            }
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

    /// Locks a row and judges the request, but saves nothing. For what is not one plain change of this row: a change of
    /// another row that depends on it (a signature on a letter), or a step together with a change. `version` is the version that a batch item names; without one, `If-Match` counts.
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

/// Puts the comparison of versions where docs/API-DESIGN.md has it: after 403 and 422, before 409.
pub(super) fn in_order<T>(
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

/// 412 when the caller names another version than the stored one, 428 when a PUT, PATCH or DELETE names none.
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
    if is_stale { Err(stale(ctx, seen, version)) } else { Ok(()) }
}

/// 412, which says where the caller named the other version.
fn stale(ctx: &Context, seen: Option<i32>, version: i32) -> Problem {
    let names_none = matches!(&ctx.request.if_match, Some(IfMatch::Versions(seen)) if seen.is_empty());
    let (sv, en) = match seen {
        Some(seen) => (
            format!("Versionen är nu {version}, inte {seen} som version anger."),
            format!("The version is now {version}, not {seen}, which version names."),
        ),
        None if names_none => (
            format!(
                "If-Match nämner ingen version: ange ETag som den gavs, eller bara versionen inom citattecken, \"{version}\"."
            ),
            format!(
                "If-Match names no version: send the ETag as it was given, or only the version in quotation marks, \"{version}\"."
            ),
        ),
        None => (
            format!("Versionen är nu {version}, inte den som If-Match anger."),
            format!("The version is now {version}, not the one that If-Match names."),
        ),
    };
    Problem::new(Code::VersionMismatch).detail(sv, en)
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
    fn versions_are_compared_after_the_input_and_before_the_state() {
        let stale = with("PATCH", Some(IfMatch::Versions(vec![2])));
        assert_eq!(code(&stale, None, Code::OwnWork), Code::OwnWork);
        assert_eq!(code(&stale, None, Code::InvalidInput), Code::InvalidInput);
        assert_eq!(code(&stale, None, Code::StateConflict), Code::VersionMismatch);
        assert_eq!(code(&with("PATCH", None), None, Code::StateConflict), Code::PreconditionRequired);
        assert_eq!(code(&with("POST", None), None, Code::StateConflict), Code::StateConflict);
    }

    #[test]
    fn a_batch_item_names_its_own_version() {
        let batch = with("POST", None);
        assert_eq!(code(&batch, Some(2), Code::StateConflict), Code::VersionMismatch);
        assert_eq!(code(&batch, Some(3), Code::StateConflict), Code::StateConflict);
        let told = in_order(&batch, Some(2), 3, Ok(())).unwrap_err().detail.unwrap();
        assert!(told.en.contains("not 2, which version names"), "{}", told.en);
        assert!(in_order(&with("PATCH", Some(IfMatch::Any)), None, 3, Ok(())).is_ok());
        assert!(in_order(&with("PATCH", Some(IfMatch::Versions(vec![1, 3]))), None, 3, Ok(())).is_ok());
    }
}
