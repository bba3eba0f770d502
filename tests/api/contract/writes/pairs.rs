//! Every two writing requests about one person's things at the same time, on PostgreSQL: no deadlock, so that none is refused
//! with 503 and no transaction runs twice.

use std::sync::Barrier;

use super::{Write, Writes, prepare};
use crate::contract::world::World;
use crate::support::{Kind, Response, TestApp, in_rounds};

/// How many requests make a block. Every two blocks run at the same time, so that every two requests meet.
const BLOCK: usize = 4;

fn at_once(writes: &[&Write]) -> Vec<Response> {
    let barrier = Barrier::new(writes.len());
    let one = |write: &Write| {
        barrier.wait();
        write.send()
    };
    std::thread::scope(|scope| {
        let one = &one;
        // All threads are started before the first is joined.
        let threads: Vec<_> = writes.iter().map(|write| scope.spawn(move || one(write))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn pairs() {
    let t = TestApp::with(Kind::Postgres, &[("DATABASE_CONNECTIONS", "10")]);
    let world = World::new(&t);
    let writes = Writes::of(&t, &world);
    let blocks: Vec<&[Write]> = writes.all.chunks(BLOCK).collect();
    let (mut faults, mut accepted) = (Vec::new(), 0);
    for (number, first) in blocks.iter().enumerate() {
        for second in &blocks[number..] {
            let both: Vec<&Write> = first.iter().chain(*second).collect();
            prepare(&t, both.iter().copied());
            let before = t.services.database.retries();
            let answers = at_once(&both);
            accepted += answers.iter().filter(|answer| answer.status < 300).count();
            let failed = both.iter().zip(&answers).filter(|(_, answer)| answer.status >= 500);
            faults.extend(failed.map(|(write, answer)| format!("{}: {}", write.name, answer.text)));
            let retries = t.services.database.retries() - before;
            if retries > 0 {
                let outcome =
                    |(write, answer): (&&Write, &Response)| format!("{}: {}", write.name, answer.status);
                let outcomes: Vec<String> = both.iter().zip(&answers).map(outcome).collect();
                faults.push(format!("{retries} retries among\n    {}", outcomes.join("\n    ")));
            }
        }
    }
    assert!(writes.all.len() > 80, "only {} writing requests were found", writes.all.len());
    assert!(accepted > 300, "only {accepted} requests were accepted");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_two_writes_at_the_same_time_need_no_retry() {
    in_rounds(pairs);
}
