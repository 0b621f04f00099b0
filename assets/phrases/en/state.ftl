# States, events and urgency. Transport (written by machines) and handling (written by people) are two dimensions.
stage-registered = Being signed and sealed
stage-sealed = Sealed, being sent
stage-dispatched = Issued
stage-failed = Could not be signed
stage-received = Received
transport-submitted = Taken in for sending
transport-queued = Waiting to be handed over
transport-relayed = On its way between hubs
transport-consigned = At the recipient’s system
transport-accessed = Opened by the recipient
transport-failed = Could not be delivered
handling-sent = No answer yet
handling-arrived = Arrived, not yet accepted
handling-refused = Refused
handling-accepted = Accepted
handling-assigned = Assigned
handling-processing = In progress
handling-completed = Finished
event-submission = Taken in for sending
event-relay = Taken over by a hub on the way
event-consignment = Arrived at the recipient’s system
event-access = Opened by the recipient
event-acceptance = Accepted by the recipient
event-rejection = Refused by the recipient
event-failure = Could not be delivered
urgency-normal = Normal
urgency-express = Express (khẩn)
urgency-urgent = Urgent (thượng khẩn)
urgency-flash = Flash (hỏa tốc)

# Deadlines.
deadline-send = Sending
deadline-arrival = Report of arrival
deadline-open = Opening
deadline-answer = Acceptance or refusal
deadline-change = Answer to a request to take back or change
