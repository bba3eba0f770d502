//! The macro that tells which other rows a list's rows show something of.

/// Queries of the ids of the rows that show something of another row which was changed at `$since` or later (see `shows` in
/// [`list!`](crate::list)). Each begins with what was changed, through an index, so that it costs as much as there are changes.
#[doc(hidden)]
#[macro_export]
macro_rules! list_beside {
    ($since:ident, $table:ident, $into:ident;) => {};
    // The names of those who took its steps.
    ($since:ident, $table:ident, $into:ident; history; $($rest:tt)*) => {
        {
            use $crate::platform::db::schema::status_changes;
            use $crate::schema::{api_clients, people};
            let people = people::table.filter(people::updated_at.ge($since)).select(people::id.nullable());
            let clients =
                api_clients::table.filter(api_clients::updated_at.ge($since)).select(api_clients::id.nullable());
            let steps = || status_changes::table.select(status_changes::resource_id);
            $into.push(Box::new(steps().filter(status_changes::by_id.eq_any(people))));
            $into.push(Box::new(steps().filter(status_changes::by_id.eq_any(clients))));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
    // What was deleted in its kommun.
    ($since:ident, $table:ident, $into:ident; deleted $of:literal; $($rest:tt)*) => {
        {
            use $crate::platform::audit::deletions;
            use $crate::platform::db::schema::audit_events;
            let of_kommun = $table::programme_id
                .nullable()
                .eq(audit_events::programme_id)
                .and($table::kommunkod.nullable().eq(audit_events::kommunkod));
            let deleted = deletions::events(deletions::action($of), $since);
            $into.push(Box::new(deleted.inner_join($table::table.on(of_kommun)).select($table::id)));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
    ($since:ident, $table:ident, $into:ident; $other:ident.$theirs:ident = id; $($rest:tt)*) => {
        {
            use $crate::schema::$other;
            $into.push(Box::new($other::table.filter($other::updated_at.ge($since)).select($other::$theirs)));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
    ($since:ident, $table:ident, $into:ident; $other:ident.$theirs:ident = $own:ident; $($rest:tt)*) => {
        {
            use $crate::schema::$other;
            let theirs = $other::table.filter($other::updated_at.ge($since)).select($other::$theirs.nullable());
            $into.push(Box::new(
                $table::table.filter($table::$own.nullable().eq_any(theirs)).select($table::id),
            ));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
}
