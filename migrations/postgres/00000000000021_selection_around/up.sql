-- How a call's places will be given: goals, quotas and pins, named before it opens. Older programmes have the default goals.
ALTER TABLE programmes ADD COLUMN selection_plan TEXT;

-- The older programme whose settings, milestones and plan a new one was given.
ALTER TABLE programmes ADD COLUMN copied_from uuid;
