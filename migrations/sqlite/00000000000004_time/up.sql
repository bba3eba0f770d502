-- Which activity is travel was a code of the program; now the settings say it. Rows stored before are told here, so that
-- travel stays what it was: never joint.
UPDATE programme_settings
SET content = replace(content, '{"code":"travel",', '{"isTravel":true,"code":"travel",')
WHERE content NOT LIKE '%"isTravel"%';
