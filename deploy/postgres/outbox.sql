-- The outbox table: notifications that your backend inserts in the same transaction as its own rows.
-- README.md, beside this file, explains it. Run it once, as the owner of your schema; it needs PostgreSQL 13 or later.

create table tidings_outbox (
  -- The order in which the rows are read.
  number bigint generated always as identity primary key,
  -- The id of the notification, unless `notification` names one.
  id uuid not null default gen_random_uuid(),
  -- What POST /v1/notify takes. json keeps the text of numbers; jsonb would round none, but reorders and rewrites.
  notification json not null,
  created_at timestamptz not null default now(),
  -- Set together, by Tidings, on a row that can never be sent.
  failed_at timestamptz,
  problem json
)
-- Every row is deleted soon after it was inserted, so the table is vacuumed by number of rows, not by its size.
with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 5000
);

-- Keeps rows that stand aside out of the way.
create index tidings_outbox_waiting on tidings_outbox (number) where failed_at is null;

-- Wakes the nodes when a transaction commits. Without the trigger they look once a second.
create function tidings_outbox_notify() returns trigger language plpgsql as $$
begin
  perform pg_catalog.pg_notify('tidings_outbox', '');
  return null;
end
$$;

create trigger tidings_outbox_notify after insert on tidings_outbox
  for each statement execute function tidings_outbox_notify();

-- The role that the nodes log in as. Give it a password: alter role tidings password '…';
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'tidings') then
    create role tidings login;
  end if;
end
$$;

grant select, delete, update (failed_at, problem) on tidings_outbox to tidings;

-- Your backend needs no more than this, if it is not the owner of the table:
-- grant insert (id, notification) on tidings_outbox to backend;
