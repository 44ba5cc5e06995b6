//! Small pieces of HTML: escaping, tables, embedded pictures.

use std::fmt::Write;

/// Rows of a table at most; longer ones show every n-th row.
const MOST_ROWS: usize = 600;

/// Text that is safe between tags and in quoted attributes.
pub(in crate::report) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, sign| {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control signs other than line breaks and tabs are no HTML at all.
            sign if sign.is_control() && !matches!(sign, '\n' | '\t') => safe.push('\u{fffd}'),
            sign => safe.push(sign),
        }
        safe
    })
}

/// A folded table. Cells are escaped here.
pub(super) fn folded_table(summary: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let step = rows.len().div_ceil(MOST_ROWS).max(1);
    let note = if step > 1 { format!(", one row in {step}") } else { String::new() };
    format!(
        "<details><summary>{}{note}</summary>{}</details>\n",
        escape(summary),
        table(summary, heads, rows.iter().step_by(step))
    )
}

pub(in crate::report) fn table<'a>(label: &str, heads: &[&str], rows: impl Iterator<Item = &'a Vec<String>>) -> String {
    let label = escape(label);
    let mut html =
        format!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table><thead><tr>");
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(head));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{}</td>", escape(cell));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    html
}

/// Terms and what they are, as a description list.
pub(super) fn facts(rows: &[(&str, String)]) -> String {
    let row = |(term, text): &(&str, String)| format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(term), escape(text));
    format!("<dl class=\"facts\">{}</dl>\n", rows.iter().map(row).collect::<String>())
}

/// `1:05` for people.
pub(super) fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A PNG inside the page.
pub(in crate::report) fn png_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64(png))
}

/// RFC 4648, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        let sign = |place: usize| {
            let inside = place <= group.len();
            if inside { char::from(SIGNS[(bits >> (18 - 6 * place) & 63) as usize]) } else { '=' }
        };
        [0, 1, 2, 3].map(sign)
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_opens_a_tag_or_closes_a_quote_survives() {
        let nasty = "<script>\"x\" & 'y'</script>\0\u{1b}[31m";
        let safe = escape(nasty);
        assert!(!safe.contains(['<', '>', '"', '\'', '\0', '\u{1b}']), "{safe}");
        assert!(safe.starts_with("&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;"));
    }

    #[test]
    fn base64_of_the_rfc() {
        let words = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|word| base64(word.as_bytes()));
        assert_eq!(words, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }

    #[test]
    fn clocks() {
        assert_eq!([0.4, 65.2, 3599.6, 7261.0].map(clock), ["0:00", "1:05", "1:00:00", "2:01:01"]);
    }

    #[test]
    fn long_tables_are_thinned_and_say_so() {
        let rows = vec![vec!["1".to_owned()]; 1500];
        let html = folded_table("per second", &["a"], &rows);
        assert!(html.contains("one row in 3") && html.matches("<tr>").count() == 501);
        assert!(folded_table("x", &["<"], &rows[..2]).contains("<th scope=\"col\">&lt;</th>"));
    }
}
