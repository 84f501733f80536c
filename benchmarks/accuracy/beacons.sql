-- A beacon score in the manner of RITA, for each own host and outside server it calls: how
-- even the intervals and the sizes are, how much of the window the calls fill, and less the
-- more hosts call the same server.
--
-- Read   sessions
--        span     (start_us, end_us): the window
--
-- Limits, and why:
--   4            calls: three intervals, fewer have no quartiles
--   30, 32       seconds and bytes of spread at which nothing regular is left (RITA's)
--   24           parts of the window
--   0.15         what prevalence takes or gives; from half of the hosts on, up to 2 % (RITA's)

-- step: calls
select client as host, server, opened_at, client_bytes as size,
       opened_at - lag(opened_at) over (
           partition by client, server order by opened_at
       ) as wait_us
from sessions
where inside = 'client' and opened_at = started_at

-- step: pairs
select host, server, count(*) as calls,
       quantile_cont(wait_us / 1e6, 0.25) as low_s, quantile_cont(wait_us / 1e6, 0.5) as mid_s,
       quantile_cont(wait_us / 1e6, 0.75) as high_s, mad(wait_us / 1e6) as spread_s,
       quantile_cont(size, 0.25) as low_b, quantile_cont(size, 0.5) as mid_b,
       quantile_cont(size, 0.75) as high_b, mad(size) as spread_b,
       count(distinct floor(24 * (opened_at - start_us) / (end_us - start_us))) as filled
from calls cross join span
group by host, server
having count(*) >= 4 and max(wait_us) > 0

-- step: scored
select host, server,
       (coalesce(1 - abs(low_s + high_s - 2 * mid_s) / (high_s - low_s), 1)
        + greatest(0, 1 - spread_s / 30)) / 2 as by_time,
       (coalesce(1 - abs(low_b + high_b - 2 * mid_b) / (high_b - low_b), 1)
        + greatest(0, 1 - spread_b / 32)) / 2 as by_size,
       filled / 24.0 as by_part
from pairs

-- step: known
select server, count(distinct host) as hosts from calls group by server

-- step: everyone
select count(distinct host) as all_hosts from calls

-- step: answer
select scored.server, max(known.hosts) as hosts,
       max((by_time + by_size + by_part) / 3
           + case when known.hosts >= 0.5 * all_hosts then -0.15
                  when known.hosts <= 0.02 * all_hosts then 0.15 else 0 end) as score
from scored
join known on known.server = scored.server
cross join everyone
group by scored.server
