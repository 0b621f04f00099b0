# Trạng thái, sự kiện và độ khẩn. Chặng vận chuyển (máy ghi) và xử lý (người ghi) là hai chiều riêng.
stage-registered = Đang ký và đóng dấu
stage-sealed = Đã đóng dấu, đang gửi
stage-dispatched = Đã phát hành
stage-failed = Không ký được
stage-received = Đã nhận
transport-submitted = Đã tiếp nhận để gửi
transport-queued = Đang chờ chuyển
transport-relayed = Đang chuyển qua các trạm
transport-consigned = Đã đến hệ thống nhận
transport-accessed = Bên nhận đã mở
transport-failed = Không chuyển được
handling-sent = Chưa có phản hồi
handling-arrived = Đã đến, chờ tiếp nhận
handling-refused = Từ chối tiếp nhận
handling-accepted = Đã tiếp nhận
handling-assigned = Đã phân công
handling-processing = Đang xử lý
handling-completed = Hoàn thành
event-submission = Đã tiếp nhận để gửi
event-relay = Trạm trung gian đã nhận chuyển
event-consignment = Đã đến hệ thống của bên nhận
event-access = Bên nhận đã mở văn bản
event-acceptance = Bên nhận đã tiếp nhận
event-rejection = Bên nhận từ chối tiếp nhận
event-failure = Không chuyển được
urgency-normal = Thường
urgency-express = Khẩn
urgency-urgent = Thượng khẩn
urgency-flash = Hỏa tốc

# Thời hạn.
deadline-send = Gửi đi
deadline-arrival = Hệ thống nhận báo đã đến
deadline-open = Mở xem
deadline-answer = Tiếp nhận hoặc từ chối
deadline-change = Trả lời đề nghị thu hồi, cập nhật
