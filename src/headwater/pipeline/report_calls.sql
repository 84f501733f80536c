-- When some own hosts called their masters.
--
-- Read   sessions
--        callers    (master, host)

-- step: calls
select callers.master, callers.host, min(opened_at) as called_at
from sessions
join callers on callers.host = sessions.client and callers.master = sessions.server
where inside = 'client'
group by callers.master, callers.host, conversation

-- step: ranked
select master, host, called_at,
       row_number() over (partition by master, host order by called_at) as place
from calls

-- step: answer
select master, host, called_at from ranked where place <= 500
order by master, host, called_at
