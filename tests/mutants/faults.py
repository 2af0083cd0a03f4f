"""The faults, by what they break: commit, send, mail, erase, receive."""

from __future__ import annotations

from .apply import Mutant

PATH = "tests/contract/path"
TABLE = "tests/contract/table"
FAULTS = "tests/faults/test_every_call.py::test_whatever_call_fails_every_post_has_exactly_one_outcome"
OPERATIONS = "firstline.operations"

COMMIT = (
    Mutant(
        "a record that somebody changed meanwhile is overwritten",
        "firstline.table.store:_unchanged",
        "if isinstance(record, AuthorCase | ErasedCase):",
        "if isinstance(record, AuthorCase | ErasedCase) or record.version:",
        (f"{TABLE}/test_commits.py::test_a_record_that_was_changed_meanwhile_is_not_overwritten",),
    ),
    Mutant(
        "a new record replaces the one that is there",
        "firstline.table.store:_unchanged",
        "if isinstance(record, AuthorCase | ErasedCase):",
        "if isinstance(record, AuthorCase | ErasedCase) or not record.version:",
        (f"{TABLE}/test_commits.py::test_absence_is_a_condition",),
    ),
    Mutant(
        "a lost race is no lost race in a transaction",
        "firstline.table.store:Table._transact",
        "if not codes or RACES & set(codes):",
        "if not codes:",
        (f"{TABLE}/test_commits.py::test_absence_is_a_condition",),
    ),
    Mutant(
        "what must go with a commit stays",
        "firstline.table.store:Table.commit",
        "for record in gone]",
        "for record in ()]",
        (f"{TABLE}/test_commits.py::test_what_goes_goes_with_the_commit_or_stays_with_it",),
    ),
    Mutant(
        "keys that DynamoDB left unprocessed are taken for absent",
        "firstline.table.store:Table.read",
        'again = answer.get("UnprocessedKeys", {})',
        'again = answer.get("-", {})',
        (f"{TABLE}/test_reads.py::test_what_an_answer_could_not_hold_is_asked_for_again",),
    ),
    Mutant(
        "decisions rest on reads that may be stale",
        "firstline.table.store:Table.read",
        '"ConsistentRead": True',
        '"ConsistentRead": False',
        (f"{TABLE}/test_reads.py::test_every_read_that_a_decision_may_rest_on_is_strongly_consistent",),
    ),
    Mutant(
        "after a lost race intake decides on what it read before",
        f"{OPERATIONS}.snapshot:Snapshot.forget",
        "self._known.clear()",
        "pass",
        (
            f"{TABLE}/test_intake_batches.py::"
            "test_an_author_whose_case_somebody_else_opened_meanwhile_gets_no_second_one",
        ),
    ),
    Mutant(
        "intake commits and sends no message",
        f"{OPERATIONS}.take_in:_take_at_last",
        "services.queues.send(taking.messages)",
        "pass",
        (f"{PATH}/test_main_job.py::test_a_mention_becomes_one_case_one_acknowledgement_and_one_work_item",),
    ),
)

SEND = (
    Mutant(
        "resends at once after an unclear outcome",
        f"{OPERATIONS}.aftermath:not_sent",
        "sending.commit(reply.became_unclear(now, pause(outcome, sending.services)))",
        "again = reply.again(now, outcome.reason, now); sending.commit(again); "
        "sending.services.queues.send(emit.nudge(again, now, sending.services))",
        (f"{PATH}/test_main_job.py::test_an_unclear_outcome_asks_the_platform_before_anything_is_sent_again",),
    ),
    Mutant(
        "resends at once in other words after an unclear outcome",
        f"{OPERATIONS}.aftermath:not_sent",
        "sending.commit(reply.became_unclear(now, pause(outcome, sending.services)))",
        "again = reply.again(now, outcome.reason, now, reword=True); sending.commit(again); "
        "sending.services.queues.send(emit.nudge(again, now, sending.services))",
        (f"{FAULTS}[one_mention]",),
    ),
    Mutant(
        "one look that finds nothing is enough to send again",
        f"{OPERATIONS}.unclear:look",
        "if looked.looks < LOOKS_NEEDED:",
        "if looked.looks < 1:",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "a platform that does not answer the question is taken to have nothing",
        f"{OPERATIONS}.unclear:look",
        "sending.commit(reply.became_unclear(now, pause(outcome, services)))",
        'sending.commit(reply.again(now, "unclear_not_found", now))',
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "the call is made before the record says so",
        f"{OPERATIONS}.send_reply:_try",
        "sending.commit(taken, *heard, released)",
        "pass",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "a call under way is taken for dead",
        f"{OPERATIONS}.unclear:lease_over",
        "if reply.lease_until is not None and reply.lease_until > sending.now:",
        "if False:",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "why the robot kept silent in the end is forgotten",
        f"{OPERATIONS}.send_reply:_words",
        "if decision.silence is not None:",
        "if False:",
        (f"{PATH}/test_send_once.py::test_who_asked_for_silence_after_intake_hears_nothing_more",),
    ),
    Mutant(
        "a lost race after the call drops the record",
        f"{OPERATIONS}.record:record_outcome",
        "present = again()",
        "raise",
        (f"{PATH}/test_record_after_call.py",),
    ),
    Mutant(
        "after a lost race the old record is written again",
        f"{OPERATIONS}.record:record_outcome",
        "present = again()",
        "pass",
        (f"{PATH}/test_record_after_call.py",),
    ),
    Mutant(
        "the echo of our own words is a person's answer",
        f"{OPERATIONS}.aftermath:record_sent",
        "records.append(_echo_mark(sending, sent))",
        "pass",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "a call that was not made stays booked",
        f"{OPERATIONS}.aftermath:not_sent",
        "give_back(sending)",
        "pass",
        (f"{PATH}/test_record_after_call.py",),
    ),
    Mutant(
        "a limit that one sender met is not told to the others",
        f"{OPERATIONS}.turns:learn",
        "return budget.stopped(wait_over(outcome, now), now)",
        "return budget",
        (f"{PATH}/test_send_once.py::test_a_limit_that_one_answer_met_keeps_the_others_from_calling",),
    ),
    Mutant(
        "an account whose token ended is called again and again",
        f"{OPERATIONS}.aftermath:not_sent",
        "_park(sending, outcome, credentials)",
        "sending.commit(reply.again(now + GRACE, outcome.reason, now))",
        (f"{PATH}/test_main_job.py::test_an_expired_token_parks_the_work_until_the_secret_is_renewed",),
    ),
    Mutant(
        "what is refused as a duplicate is said in other words for ever",
        f"{OPERATIONS}.aftermath:not_sent",
        "reword=True",
        "reword=False",
        (f"{PATH}/test_send_once.py::test_words_that_are_refused_as_a_duplicate_again_and_again_become_an_agents",),
    ),
    Mutant(
        "the author's last wordings are not remembered",
        f"{OPERATIONS}.send_reply:_try",
        "spoken = (sending.author, sending.counted) if reply.robot else ()",
        "spoken = ()",
        (f"{PATH}/test_main_job.py::test_ten_posts_of_one_author_get_ten_different_answers",),
    ),
)

MAIL = (
    Mutant(
        "the SDK tries a mail again by itself",
        "firstline.outward.mail:mail_client",
        '"total_max_attempts": 1',
        '"total_max_attempts": 3',
        ("tests/contract/test_mail.py::test_the_client_tries_once_and_does_not_wait_long",),
    ),
    Mutant(
        "a connection that broke after the request counts as not sent",
        "firstline.outward.mail:Mailer.send",
        "raise Unclear(_snake(type(failure).__name__)) from failure",
        "raise NotSent(_snake(type(failure).__name__)) from failure",
        ("tests/contract/test_mail.py::test_a_broken_connection_is_unclear_once_bytes_may_have_left",),
    ),
    Mutant(
        "a handoff is mailed again after an unclear answer of SES",
        f"{OPERATIONS}.hand_over:_not_mailed",
        "mailing.commit(mail.became_unclear(now, PATIENCE))",
        "mailing.commit(mail.again(now + GRACE, outcome.reason))",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "a mail is sent before its record says so",
        f"{OPERATIONS}.hand_over:_send",
        "mailing.commit(mailing.mail.taken(mailing.now, LEASE))",
        "pass",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "SES's word that it took the mail is not heard",
        f"{OPERATIONS}.hand_over:_hear",
        'if event.kind in ("send", "delivery"):',
        "if False:",
        (f"{PATH}/test_send_once.py",),
    ),
    Mutant(
        "an address that bounced is mailed again",
        f"{OPERATIONS}.hand_over:_address",
        "return branch.escalation_email if mailbox is not None and mailbox.closed(branch.email) else branch.email",
        "return branch.email",
        (f"{PATH}/test_branches.py::test_a_branch_whose_address_bounced_is_not_mailed_again",),
    ),
    Mutant(
        "a week's digest is mailed twice after an unclear answer",
        f"{OPERATIONS}.digest:_after",
        "if isinstance(outcome, Wait | NotSent | AccountDown):",
        "if isinstance(outcome, Wait | NotSent | AccountDown | Unclear):",
        (f"{PATH}/test_digest.py::test_an_unclear_answer_of_ses_is_no_reason_to_send_a_week_twice",),
    ),
    Mutant(
        "mails go faster than SES allows",
        f"{OPERATIONS}.hand_over:_in_turn",
        "if not rate:",
        "if True:",
        (f"{PATH}/test_mail_storm.py::test_what_escalates_goes_before_the_first_mails_that_wait",),
    ),
)

ERASED = f"{PATH}/test_erased_stays_erased.py"
ERASE = (
    Mutant(
        "what has not gone out yet still goes out",
        "firstline.model.erased:stopped",
        'case Reply(state="pending" | "ready"):',
        'case Reply(state="ready"):',
        (f"{PATH}/test_privacy.py::test_what_has_not_gone_out_to_an_erased_person_never_does",),
    ),
    Mutant(
        "an answer on its way is not waited for",
        f"{OPERATIONS}.erase:_empty",
        "isinstance(record, Reply | Handoff | BranchMail) and record.open for record in records",
        "False for record in records",
        (f"{PATH}/test_privacy.py::test_an_erasure_waits_for_an_answer_that_is_on_its_way",),
    ),
    Mutant(
        "the files of a branch's mail stay in the bucket",
        f"{OPERATIONS}.erase:_empty",
        "for key in files(case_id, records):",
        "for key in ():",
        (ERASED,),
    ),
    Mutant(
        "notes and native answers keep their words",
        "firstline.model.erased:blank",
        'case OwnPost() | Note():\n            return _only(record, text="")',
        "case OwnPost() | Note():\n            return record",
        (f"{PATH}/test_privacy.py::test_an_erased_person_is_named_nowhere_and_the_trail_says_that_it_happened",),
    ),
    Mutant(
        "what comes late is put on an erased case",
        "firstline.model.erased:respected",
        "return [_respected(each, emptied, now) for each in writes] if emptied else writes",
        "return writes",
        (ERASED,),
    ),
    Mutant(
        "words are written without their case",
        "firstline.model.erased:cases_of_words",
        "return (words | new) - given",
        "return set()",
        (ERASED, f"{PATH}/test_erasure_races.py"),
    ),
    Mutant(
        "a verified contact still leads to the person",
        f"{OPERATIONS}.person:_elsewhere",
        "yield from map(keys.contact, contact_keys(record))",
        "yield from ()",
        (ERASED,),
    ),
    Mutant(
        "a wish for silence is erased with the person",
        f"{OPERATIONS}.erase:_silence",
        "if author.opted_out_at is None:",
        "if True:",
        (
            f"{ERASED}::test_a_wish_for_silence_outlives_the_erasure_without_a_phone_number_in_a_key",
            f"{PATH}/test_privacy.py::test_the_wish_of_who_opted_out_outlives_the_erasure",
        ),
    ),
)

RECEIVE = (
    Mutant(
        "a delivery with a wrong signature is taken",
        f"{OPERATIONS}.receive:_verify",
        "            raise",
        "            return",
        (f"{PATH}/test_main_job.py::test_a_forged_delivery_is_refused_and_nothing_is_stored",),
    ),
    Mutant(
        "a secret that was just exchanged is not read again",
        f"{OPERATIONS}.receive:_verify",
        "if not door.secrets.reread():",
        "if True:",
        (f"{PATH}/test_receive_durably.py",),
    ),
    Mutant(
        "a delivery is accepted and kept nowhere while the queue is out of reach",
        f"{OPERATIONS}.receive:_keep",
        'door.bodies().put(f"{PARKED}{delivery.received_at}-{delivery.delivery_id}", text.encode("ascii"))',
        "pass",
        (f"{PATH}/test_receive_durably.py",),
    ),
    Mutant(
        "a large delivery is sent as a pointer to a body that was not kept",
        f"{OPERATIONS}.receive:_keep",
        'door.bodies().put(key, delivery.body or b"")',
        "pass",
        (f"{PATH}/test_receive_durably.py",),
    ),
    Mutant(
        "the platform is told 200 although nothing took the delivery",
        f"{OPERATIONS}.receive:receive",
        'return _answer(503, "try again", {"retry-after": "5"})',
        'return _answer(200, "ok")',
        (f"{PATH}/test_receive_durably.py",),
    ),
    Mutant(
        "any text is signed as a challenge",
        "firstline.channels.x.door:handshake",
        "if not is_challenge(token):",
        "if False:",
        (f"{PATH}/test_handshake.py",),
    ),
)

MUTANTS = (*COMMIT, *SEND, *MAIL, *ERASE, *RECEIVE)
