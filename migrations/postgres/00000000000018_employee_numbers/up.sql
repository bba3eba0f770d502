-- An employee number is unique for an employer and its days, which no key can say: a write looks for others with the number.
CREATE INDEX participants_number_idx ON participants (programme_id, employee_number);
