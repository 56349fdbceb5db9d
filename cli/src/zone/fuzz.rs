//! A batch of `cargo xtask fuzz zone`: what is read and written again reads the same.

use super::bind;
use super::record::Listed;
use crate::fuzz::each;

#[test]
#[ignore = "`cargo xtask fuzz zone` runs it"]
fn batch() {
    each(|input| {
        let Ok((records, _)) = bind::read(&String::from_utf8_lossy(input), "example.es") else { return };
        let listed = records.iter().map(|record| Listed {
            id: "1".to_owned(),
            word: record.word().to_owned(),
            ttl: Some(300),
            record: record.clone(),
        });
        let written = bind::write("example.es", &listed.collect::<Vec<_>>(), &[]);
        let again = bind::read(&written, "example.es").map(|(records, _)| records);
        assert!(again.as_ref().is_ok_and(|again| *again == records), "{records:?}\n{written}\n{:?}", again.ok());
    });
}
