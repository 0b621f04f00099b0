# Lỗi của trạm khi chạy từ dòng lệnh.
cli-configuration-unusable = Cấu hình không dùng được, trạm chưa khởi động và chưa có gì thay đổi: { $detail }
cli-address-taken = Địa chỉ đã có chương trình khác dùng, trạm chưa khởi động: { $detail }
cli-record-unavailable = Chưa vào được cơ sở dữ liệu, chưa có gì thay đổi; kiểm tra rồi thử lại: { $detail }
cli-record-unusable = Cơ sở dữ liệu không dùng được như hiện tại: { $detail }
cli-hub-fault = { $detail }
cli-demo-broken = Không chạy được phần trình diễn: { $detail }
cli-demo-folder-in-use = Thư mục đã có tệp; chưa ghi gì vào đó. Chọn thư mục mới hoặc trống.
demo-folder = Bốn trạm chạy trong thư mục { $folder } theo ngày 30/06/2025 (dữ liệu mẫu).
demo-step-climb = (a) Văn bản của xã đi qua huyện, tỉnh lên trung ương; đủ biên nhận các chặng quay về
demo-step-catch-up = (b) Tỉnh gửi ba nơi khi một trạm ngừng; trạm chạy lại thì nhận đủ
demo-step-refusal = (c) Từ chối có lý do, nơi gửi thấy và nhận được thư báo
demo-step-forgeries = (d) Bốn văn bản giả bị chặn khi tiếp nhận, mỗi văn bản có lý do
demo-step-repeat = (e) Gửi lại lần chuyển đã ghi được: biên nhận cũ quay về, không có gì thay đổi
demo-facts = – { $receipts } biên nhận, { $seconds } giây
demo-held = Mọi bước đều đúng.
demo-not-held = Có bước không đúng; xem log.txt trong thư mục của từng trạm.
demo-link-clerk = Văn thư (dùng một lần)
demo-link-auditor = Kiểm tra biên nhận (dùng một lần)
demo-link-verify = Kiểm tra chữ ký của PDF
demo-mails = Thư báo
demo-keeps-serving = Các trạm vẫn chạy. Nhấn Ctrl-C để dừng.
demo-forgery-byte-changed = một byte bị đổi sau khi ký
demo-forgery-page-appended = thêm một trang sau khi ký
demo-forgery-content-replaced = nội dung bị thay bằng bản cập nhật
demo-forgery-other-agency = chữ ký của cơ quan khác

# Hàng đợi gửi: những gì đang chờ và quyết định về chúng.
queue-empty = Không có gì đang chờ.
queue-waiting-in-lane = { $target } { $lane }: { $count } đang chờ, lâu nhất từ { $oldest }
queue-parked-in-lane = { $target } { $lane }: { $count } để riêng, lâu nhất từ { $oldest }
queue-line-interrupted = Đường đến { $target } bị ngắt: { $count } lần lỗi liên tiếp từ { $since }, thử lại lúc { $next }: { $reason }
queue-line-in-trouble = Đường đến { $target } gặp trục trặc: { $count } lần lỗi liên tiếp từ { $since }: { $reason }
queue-job-parked = { $id } { $kind } cho { $target } ({ $lane }) để riêng ({ $why }) từ { $since }, đã thử { $attempts } lần: { $reason }
queue-job-waiting = { $id } { $kind } cho { $target } ({ $lane }) mở từ { $since }, đã thử { $attempts } lần, lần tới { $next }: { $reason }
queue-decided = { $id } xong
queue-not-decided = { $id } chưa xong: { $fault }
