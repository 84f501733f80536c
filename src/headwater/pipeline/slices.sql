-- The pieces of conversations that were exported in more than one record each way, or lasted.
--
-- Read   keyed     the hour's records, as for orient.sql
--        oriented  the hour's sessions, still with their keys

-- step: long
select k1, k2, conversation, started_at, closed_at, client_is_low
from oriented
where closed_at - started_at > 30000000

-- step: answer
select conversation,
       keyed.started_at as sliced_at,
       max(keyed.ended_at) as ended_at,
       sum(case when low = client_is_low then bytes else 0 end)::bigint as client_bytes,
       sum(case when low = client_is_low then 0 else bytes end)::bigint as server_bytes
from long
join keyed on keyed.k1 = long.k1 and keyed.k2 = long.k2
          and keyed.started_at between long.started_at and long.closed_at
group by conversation, keyed.started_at
