//! The HTML half of a mail: one column, inline styles only (mail readers drop style sheets), every
//! fact escaped by the template.

use askama::Template;

use crate::notify::notice::Notice;
use crate::notify::wording::Wording;

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{{ subject }}</title>
</head>
<body style="margin:0;padding:0;background:#eef1f5;color:#1b1f24;font-family:Arial,'Helvetica Neue',sans-serif;font-size:16px;line-height:1.5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#eef1f5">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border:1px solid #cfd6de;border-top:6px solid {{ colour }};border-radius:6px">
{% for part in parts %}
<tr><td lang="{{ part.language }}" style="padding:24px 28px{% if !loop.first %};border-top:1px solid #cfd6de{% endif %}">
<p style="margin:0 0 4px;font-size:13px;color:#525c68">{{ part.product }}</p>
<h1 style="margin:0 0 12px;font-size:{% if loop.first %}22px{% else %}18px{% endif %};line-height:1.3;color:{{ colour }}">{{ part.heading }}</h1>
<p style="margin:0 0 16px">{{ part.lead }}</p>
<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 20px;border-collapse:collapse;font-size:15px">
{% for row in part.rows %}
<tr>
<th scope="row" align="left" valign="top" style="width:34%;padding:7px 12px 7px 0;border-bottom:1px solid #e4e8ed;font-weight:normal;color:#525c68">{{ row.0 }}</th>
<td valign="top" style="padding:7px 0;border-bottom:1px solid #e4e8ed;word-break:break-word">{{ row.1 }}</td>
</tr>
{% endfor %}
</table>
<p style="margin:0 0 20px"><a href="{{ link }}" style="display:inline-block;padding:11px 20px;background:{{ colour }};color:#ffffff;text-decoration:none;border-radius:4px;font-weight:bold">{{ part.open }}</a></p>
<p style="margin:0;font-size:13px;color:#525c68">{{ part.hint }}</p>
</td></tr>
{% endfor %}
</table>
</td></tr>
</table>
</body>
</html>
"##
)]
struct Page<'a> {
    subject: &'a str,
    colour: &'static str,
    link: &'a str,
    parts: &'a [Wording],
}

/// The page for `notice`, its wordings one below the other; `None` if the template cannot be
/// written out, and then the mail goes as plain text.
pub(super) fn page(
    notice: &Notice,
    subject: &str,
    parts: &[Wording],
    link: &str,
) -> Option<String> {
    Page {
        subject,
        colour: colour(notice),
        link,
        parts,
    }
    .render()
    .ok()
}

/// White on it, and it on white, have a contrast of at least 5.5 to 1 (WCAG 2.2, 1.4.3 asks 4.5).
const fn colour(notice: &Notice) -> &'static str {
    match notice {
        Notice::Arrived { .. } => "#1d4f91",
        Notice::Accepted { .. } => "#1b6b3a",
        Notice::Refused { .. } | Notice::Overdue { .. } => "#a4262c",
        Notice::DeliveryFailed { .. } | Notice::DueSoon { .. } | Notice::Change { .. } => "#8a4b00",
    }
}
