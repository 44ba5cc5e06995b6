//! Broken and odd inputs: 0 where ffmpeg decodes at least a second of picture, else 3 with one clear line, soon, and
//! nothing left behind.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path, time::Instant};

use crate::support::{Project, data};

/// Every file of the folder, with what ffmpeg makes of it.
pub(crate) const BAD_MEDIA: [(&str, i32); 19] = [
    ("all_black.mp4", 0),
    ("audio_only.mp4", 3),
    ("corrupt_middle.mp4", 0),
    ("it's a \"clip\" – déjà vu (1) 100%.mp4", 0),
    ("looping.gif", 0),
    ("no_duration.mkv", 0),
    ("one_frame.mp4", 3),
    ("png_image.mp4", 3),
    ("rotated_90.mp4", 0),
    ("starts_mid_stream.ts", 0),
    ("text_file.mp4", 3),
    ("tiny_2x2.mp4", 0),
    ("truncated_after_moov.mp4", 0),
    ("truncated_no_moov.mp4", 3),
    ("variable_frame_rate.mp4", 0),
    ("webm_named.mp4", 0),
    ("zero_bytes.mp4", 3),
    ("zero_duration_header.mp4", 3),
    ("zero_duration_no_edit_list.mp4", 0),
];

#[test]
fn every_bad_file_has_its_exit_code() {
    let Some(data) = data() else { return };
    let folder = data.join("bad_media");
    let there =
        fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() != "md");
    assert_eq!(there.count(), BAD_MEDIA.len());
    let project = Project::new();
    for (name, code) in BAD_MEDIA {
        let start = Instant::now();
        let file = folder.join(name);
        let outcome = project.run(&[OsStr::new("run"), "demo".as_ref(), "--input".as_ref(), file.as_os_str()]);
        assert_eq!(outcome.code, Some(code), "{name}: {outcome:?}");
        assert!(start.elapsed().as_secs() < 10, "{name} took {:?}", start.elapsed());
        let folder = project.path().join("out").join(Path::new(name).file_stem().unwrap());
        assert_eq!(folder.exists(), code == 0, "{name}");
        if code != 0 {
            assert_eq!(
                outcome.stderr.lines().filter(|line| line.starts_with("error")).count(),
                1,
                "{name}: {outcome:?}"
            );
        }
    }
    let hidden: Vec<_> = project.tree().into_iter().filter(|path| path.starts_with("out/.")).collect();
    assert_eq!(hidden, Vec::<String>::new());
}

#[test]
fn a_name_that_is_not_utf8_works() {
    let Some(data) = data() else { return };
    let project = Project::new();
    let name = OsStr::from_bytes(b"cl\xffip.mp4");
    fs::copy(data.join("bad_media/tiny_2x2.mp4"), project.path().join(name)).unwrap();
    project.run(&[OsStr::new("run"), "demo".as_ref(), "--input".as_ref(), name]).code(0);
    let folder = project.path().join("out").join(OsStr::from_bytes(b"cl\xffip"));
    assert!(folder.join(name).is_file());
}
