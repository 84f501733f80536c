-- How many records the window holds.

-- step: answer
select count(*) as flows
from flows
