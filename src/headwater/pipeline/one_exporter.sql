-- The same flow seen by two exporters counts once: the one that counted more packets is
-- believed, for each direction apart (routes in and out may differ).
--
-- Read   keyed   the hour's records, as for orient.sql

-- step: counted
select k1, k2, low, exporter, sum(packets) as packets
from keyed
group by k1, k2, low, exporter

-- step: fullest
select k1, k2, low, exporter
from (
    select *, row_number() over (
        partition by k1, k2, low order by packets desc, exporter
    ) as place
    from counted
) as ranked
where place = 1

-- step: answer
select keyed.*
from keyed
join fullest
  on keyed.k1 = fullest.k1 and keyed.k2 = fullest.k2
 and keyed.low = fullest.low and keyed.exporter = fullest.exporter
