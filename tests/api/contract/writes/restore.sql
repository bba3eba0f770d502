-- Remembers every row of a test's database on PostgreSQL. `SELECT saved.restore()` brings them back: added rows are deleted,
-- deleted ones are added, changed ones get their values. The audit trail only grows.
CREATE SCHEMA saved;
CREATE TABLE saved.tables (name text, is_same text, columns text);
CREATE FUNCTION saved.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    -- Rows refer to each other, so what fails in one pass succeeds in the next.
    FOR pass IN 1..3 LOOP
        FOR kept IN SELECT * FROM saved.tables LOOP
            BEGIN
                EXECUTE format('DELETE FROM public.%1$I AS x WHERE NOT EXISTS (SELECT 1 FROM saved.%1$I AS s WHERE %2$s)', kept.name, kept.is_same);
                EXECUTE format('INSERT INTO public.%1$I SELECT * FROM saved.%1$I AS s WHERE NOT EXISTS (SELECT 1 FROM public.%1$I AS x WHERE %2$s)', kept.name, kept.is_same);
                EXECUTE format('UPDATE public.%1$I AS x SET %3$s FROM saved.%1$I AS s WHERE %2$s AND x.* IS DISTINCT FROM s.*', kept.name, kept.is_same, kept.columns);
            EXCEPTION WHEN foreign_key_violation OR unique_violation THEN
                IF pass = 3 THEN RAISE; END IF;
            END;
        END LOOP;
    END LOOP;
END $$;
DO $$
DECLARE
    this record;
BEGIN
    FOR this IN
        SELECT class.oid, class.relname AS name
        FROM pg_class AS class
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
            AND class.relname NOT LIKE 'audit\_%' AND class.relname NOT LIKE '\_\_%'
    LOOP
        EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', this.name);
        EXECUTE format('CREATE TABLE saved.%1$I AS TABLE public.%1$I', this.name);
        INSERT INTO saved.tables
        SELECT this.name,
            (SELECT string_agg(format('x.%1$I = s.%1$I', attname), ' AND ')
                FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
                WHERE indrelid = this.oid AND indisprimary),
            (SELECT string_agg(format('%1$I = s.%1$I', attname), ', ')
                FROM pg_attribute WHERE attrelid = this.oid AND attnum > 0 AND NOT attisdropped);
    END LOOP;
END $$;
