-- Own hosts that were met under an IPv6 address.
--
-- Read   sessions

-- step: answer
select client as address from sessions where inside in ('client', 'both') and client like '%:%'
union
select server as address from sessions where inside in ('server', 'both') and server like '%:%'
order by address
