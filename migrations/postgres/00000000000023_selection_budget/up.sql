-- A search whose budget ended before it had found any selection is not an impossible one: it has a state of its own.
ALTER TABLE selection_computations DROP CONSTRAINT selection_computations_state_check;
ALTER TABLE selection_computations ADD CONSTRAINT selection_computations_state_check
    CHECK (state IN ('running', 'done', 'infeasible', 'budgetSpent', 'cancelled', 'interrupted', 'poolChanged', 'tooLong', 'failed'));
