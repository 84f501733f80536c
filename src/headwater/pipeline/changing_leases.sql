-- Leases of addresses that changed hands in the window, and of subscribers who changed address.
--
-- Read   leases
--        asked   (from_us, until_us): the window, and a margin around it

-- step: near
-- ``kind``: only an address of one sort takes the place of another.
select held, subscriber, starts_at,
       case when held like '%:%' then 6 else 4 end as family,
       case when held like '%/%' then substring(held, length(held) - 2) else '' end as kind
from leases cross join asked
where starts_at < until_us and coalesce(ends_at, until_us) > from_us and port_from is null

-- step: holdings
select held, count(distinct subscriber) as subscribers, min(starts_at) as first_at
from near
group by held

-- step: movers
select subscriber, family, kind
from near
group by subscriber, family, kind
having count(distinct held) > 1

-- step: changing
select distinct near.held
from near join movers
  on movers.subscriber = near.subscriber and movers.family = near.family
 and movers.kind = near.kind
union
select held from holdings where subscribers > 1

-- step: answer
-- What came before the first of them has no say: later statements only shorten earlier ones.
select leases.held, port_from, port_to, starts_at, sure_until, ends_at, told_at, subscriber,
       session, source
from leases
join changing on changing.held = leases.held
join holdings on holdings.held = leases.held
cross join asked
where starts_at >= first_at and starts_at < until_us
