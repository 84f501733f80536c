-- One row per domain whose age is known, or of which the registry says there is none.
-- Of several sources the registry's own word counts most (RDAP, then WHOIS), then the
-- latest; what was said before a registration ended belongs to that registration.

-- step: ended
select name, max(as_of) as ended_at
from domains
where fact = 'standing' and value = 'free'
group by name

-- step: ranked
select
    d.name, d.fact, d.value, d.source, d.as_of,
    case
        when d.source like 'rdap:%' then 0
        when d.source like 'whois:%' then 1
        else 2
    end * 4000000000000000 - d.as_of as rank
from domains d left join ended e on d.name = e.name
where d.fact in ('registered', 'first-seen', 'changed', 'registrar', 'standing')
    and (e.ended_at is null or d.as_of > e.ended_at or (d.fact = 'standing' and d.as_of = e.ended_at))

-- step: held
select
    name,
    min_by(value, rank) filter (where fact = 'registered') as registered,
    min_by(source, rank) filter (where fact = 'registered') as source,
    min_by(as_of, rank) filter (where fact = 'registered') as as_of,
    min(value) filter (where fact = 'first-seen') as first_seen,
    min_by(source, value) filter (where fact = 'first-seen') as first_source,
    max(as_of) filter (where fact = 'first-seen') as first_as_of,
    min_by(value, rank) filter (where fact = 'changed') as changed,
    min_by(value, rank) filter (where fact = 'registrar') as registrar,
    max_by(value, as_of) filter (where fact = 'standing') as standing
from ranked
group by name

-- step: age_rows
select
    name,
    case when standing = 'free' then null
        else epoch_us(try_cast(coalesce(registered, first_seen) as timestamptz)) // 86400000000
    end as registered,
    epoch_us(try_cast(changed as timestamptz)) // 86400000000 as changed,
    registrar,
    case when registered is not null then split_part(source, ':', 1)
        when first_seen is not null then 'first seen: ' || split_part(first_source, ':', 1)
    end as source,
    coalesce(as_of, first_as_of) // 86400000000 as as_of,
    case when standing = 'free' then 'no-such-domain' else 'known' end as state
from held
where standing = 'free' or registered is not null or first_seen is not null
