-- Facts of each own address that changed hands, or whose subscriber changed address, given as
-- whose they were: of an hour in which several held it, as each one's. What is told of too many
-- is looked at more closely, and then told apart.
--
-- Read   facts      under the name of what they stand for
--        moves      (address, since_us, until_us, subject): stretches of an address are disjoint

-- step: answer
select f.counted_at, f.kind, coalesce(m.subject, f.host) as host, f.peer, f.port, f.protocol,
       f.tries, f.hits, f.by_chance
from stored_facts as f
left join moves as m
  on m.address = f.host and m.since_us < f.counted_at + 3600000000 and m.until_us > f.counted_at
