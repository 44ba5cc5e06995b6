//! OASIS: photographs that people rated (Kurdi, Lozano and Banaji 2017, Behavior Research Methods 49).
//!
//! Takes people's means, from scales of 1 to 7. A picture that cannot be read is an error, never a picture less.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{RatedPicture, RatedPictures};

/// The scales' middle, and how far they reach from it.
const MIDDLE: f64 = 4.0;
const REACH: f64 = 3.0;
const TERMS: &str = "research data without a stated licence, free for research; doi.org/10.3758/s13428-016-0715-3";

#[derive(Debug, thiserror::Error)]
pub(crate) enum OasisError {
    #[error("cannot read {}: {source}; the folder must hold OASIS.csv and images/", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {reason}", path.display())]
    Line { path: PathBuf, line: usize, reason: String },
}

/// The table's pictures in its order, and the file of each.
pub(crate) fn load(folder: &Path) -> Result<(RatedPictures, Vec<PathBuf>), OasisError> {
    let table = folder.join("OASIS.csv");
    let text = fs::read_to_string(&table).map_err(|source| OasisError::Unreadable { path: table.clone(), source })?;
    let rows = rows(&text).map_err(|(line, reason)| OasisError::Line { path: table, line, reason })?;
    let (pictures, files): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let files = files.into_iter().map(|file| folder.join(file)).collect();
    Ok((RatedPictures { name: "OASIS".into(), terms: TERMS.into(), pictures }, files))
}

/// The rows below the header, or the line that is none and why. The table quotes nothing.
fn rows(text: &str) -> Result<Vec<(RatedPicture, &str)>, (usize, String)> {
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = lines.next().map_or(vec![], |(_, header)| header.split(',').collect());
    let column = |name: &str| {
        header.iter().position(|column| *column == name).ok_or_else(|| (1, format!("there is no column {name}")))
    };
    let (id, theme, file) = (column("id")?, column("Theme")?, column("file")?);
    let (valence, arousal) = (column("Valence_mean")?, column("Arousal_mean")?);
    lines
        .map(|(place, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            if cells.len() != header.len() {
                return Err((place + 1, format!("{} columns, expected {}", cells.len(), header.len())));
            }
            let rating = |at: usize| {
                let value = cells[at].parse::<f64>().ok().filter(|value| (1.0..=7.0).contains(value));
                let value = value.ok_or_else(|| (place + 1, format!("{:?} is no rating from 1 to 7", cells[at])))?;
                Ok((value - MIDDLE) / REACH)
            };
            let picture = RatedPicture {
                id: cells[id].to_owned(),
                theme: without_number(cells[theme]).to_owned(),
                valence: rating(valence)?,
                arousal: rating(arousal)?,
            };
            Ok((picture, cells[file]))
        })
        .collect()
}

/// `Dog` of `Dog 12`.
fn without_number(theme: &str) -> &str {
    theme.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_rated_pictures_load() {
        let Some(data) = crate::testing::data() else { return };
        let (rated, files) = load(&data.join("oasis")).unwrap();
        assert_eq!((rated.pictures.len(), files.len()), (802, 802));
        assert!(files.iter().all(|file| file.is_file()));
        let themes: BTreeSet<&str> = rated.pictures.iter().map(|picture| picture.theme.as_str()).collect();
        assert_eq!(themes.len(), 235);
        let valence = rated.pictures.iter().map(|picture| picture.valence);
        assert!((valence.clone().fold(1.0, f64::min) + 0.915).abs() < 1e-3);
        assert!((valence.sum::<f64>() / 802.0 - 0.123).abs() < 2e-3);
    }

    #[test]
    fn a_table_that_is_none_is_told_by_line() {
        let ok = "id,Theme,Valence_mean,Arousal_mean,file\nI1,Acorns 1,4,7,images/I1.jpg\n";
        let (picture, file) = &rows(ok).unwrap()[0];
        assert_eq!(
            (picture.theme.as_str(), picture.valence, picture.arousal, *file),
            ("Acorns", 0.0, 1.0, "images/I1.jpg")
        );
        let reason = |text: &str| rows(text).err().unwrap();
        assert_eq!(reason("id,Theme,file,Valence_mean\n"), (1, "there is no column Arousal_mean".to_owned()));
        assert_eq!(reason(&format!("{ok}I2,A 1,9,2,x\n")), (3, "\"9\" is no rating from 1 to 7".to_owned()));
        assert_eq!(reason(&format!("{ok}I2\n")), (3, "1 columns, expected 5".to_owned()));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = load(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nowhere/OASIS.csv"), "{error}");
    }
}
