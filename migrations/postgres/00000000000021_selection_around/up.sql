-- How a call's places will be given: goals, quotas and pins, named before it opens. Older programmes have the default goals.
ALTER TABLE programmes ADD COLUMN selection_plan TEXT;

-- The older programme whose settings, milestones and plan a new one was given.
ALTER TABLE programmes ADD COLUMN copied_from uuid;

-- Register years that an administrator adds: what each says of every kommun. The first year is that of migration 2.
CREATE TABLE register_years (
    id uuid NOT NULL,
    year integer NOT NULL,
    population_on date NOT NULL,
    source text NOT NULL,
    facts text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT register_years_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX register_years_year_key ON register_years (year);
