-- A console that is about to let the customer go suspends its own enrolment: nothing is answered to it until it resumes or ends it.
alter table enrolment add column suspended bigint;
