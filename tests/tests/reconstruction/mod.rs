//! Journeys that show the reconstruction itself: how its open responses are read, and the DNS types that are only
//! inferred. Another document may have neither, so they are ignored there.

#![cfg_attr(not(reconstruction), allow(unused_imports, reason = "only the tests use them"))]

use serde_json::json;
use swpanel::{Client, ErrorKind};

use super::{body, travel, with};

// The next lines are those of client/README.md.
#[cfg(reconstruction)]
async fn example_of_the_crate_page(client: Client) -> Result<String, swpanel::Error> {
    let mut printed = String::new();
    let mut println = |line: String| printed.push_str(&format!("{line}\n"));
    macro_rules! println {
        ($($part:tt)*) => { println(format!($($part)*)) };
    }
    // README
    let services = client.service_list().send().await?;
    for service in services.result() {
        println!("{} since {}", service.text_at("id")?, service.date_at("created")?);
    }
    // README
    Ok(printed)
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "shows the reconstruction; the document is a published one")]
fn the_example_of_the_crate_page_runs_and_is_the_one_on_the_page() {
    #[cfg(reconstruction)]
    travel(|client| async move {
        let printed = example_of_the_crate_page(client).await?;
        assert!(printed.lines().count() > 1 && printed.contains("XX012 since 20"), "{printed}");
        Ok(())
    });
    let lines = include_str!("mod.rs").split("    // README\n").nth(1).unwrap();
    assert!(include_str!("../../../client/README.md").contains(lines), "client/README.md shows another example");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "shows the reconstruction; the document is a published one")]
fn open_responses_read_like_maps_and_lists() {
    #[cfg(reconstruction)]
    travel(|client| async move {
        // A type without any named property derefs to its properties.
        let services = client.service_list().send().await?;
        let service = services.result().iter().find(|service| service["id"] == "XX012").unwrap();
        assert_eq!(service.text("id"), Some("XX012"));
        assert_eq!(service.date_at("created")?.to_string().len(), 10);
        let one = client.service_get().service("XX012").send().await?;
        assert!(one.contains_key("result"), "{one:?}");
        let named = one.value_at("result")?.to_string();
        assert!(named.contains("XX012") || named.contains("example.es"), "{named}");
        let error = one.text_at("result.nothing.deep").unwrap_err();
        assert_eq!((error.kind(), error.json_path()), (ErrorKind::Property, Some("result.nothing")), "{error}");
        // What may be one thing or an array of them is a list like any other.
        let domains = client.domain_list().send().await?;
        let id: swpanel::NumberOrText = domains.result()[0].parse_at("id")?;
        let domain = client.domain_get().domain_id(id.to_string()).send().await?;
        assert_eq!(domain.result().len(), 1, "{domain:?}");
        // So is what the server leaves out or writes as null.
        for text in ["{}", r#"{"result":null}"#, r#"{"result":[]}"#] {
            let empty: swpanel::types::DomainGetResponse = serde_json::from_str(text).unwrap();
            assert!(empty.result().is_empty(), "{text}");
            let empty: swpanel::types::DomainListResponse = serde_json::from_str(text).unwrap();
            assert!(empty.result().is_empty(), "{text}");
        }
        // By method and path, the same values are read the same way.
        let raw = client.raw("GET", "/services/").send().await?;
        assert_eq!(raw.list_at("result")?.len(), services.result().len());
        let items: Vec<swpanel::Members> = raw.parse_at("result")?;
        assert_eq!(items[0].text_at("id")?, services.result()[0].text_at("id")?);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "shows the reconstruction; the document is a published one")]
fn dns_records_of_inferred_types() {
    #[cfg(reconstruction)]
    use swpanel::types;
    #[cfg(reconstruction)]
    travel(|client| async move {
        let service = client.service("XX012");
        let long = "a text of more than 255 bytes ".repeat(20);
        let records: Vec<types::DnsRecord> = vec![
            types::DnsRecordTxt::builder()
                .name("note")
                .data(types::DnsRecordTxtData::builder().value(long.clone()))
                .try_into()
                .unwrap(),
            types::DnsRecordCaa::builder()
                .name("@")
                .data(
                    types::DnsRecordCaaData::builder()
                        .flags(128)
                        .tag("issue".to_owned())
                        .value("ca.example.net".to_owned()),
                )
                .try_into()
                .unwrap(),
            types::DnsRecordNs::builder()
                .name("sub")
                .data(types::DnsRecordNsData::builder().target("ns1.example.net".to_owned()))
                .try_into()
                .unwrap(),
            types::DnsRecordPtr::builder()
                .name("10")
                .data(types::DnsRecordPtrData::builder().target("www.example.es".to_owned()))
                .try_into()
                .unwrap(),
            types::DnsRecordSpf::builder()
                .name("spf")
                .data(types::DnsRecordSpfData::builder().value("v=spf1 -all".to_owned()))
                .try_into()
                .unwrap(),
            types::DnsRecordAaaa::builder()
                .name("six")
                .data(types::DnsRecordAaaaData::builder().ip("2001:db8::1".to_owned()))
                .try_into()
                .unwrap(),
            // The members of their data are inferred as well, so others can be sent.
            body(json!({"type": "TXT", "name": "other", "data": {"text": "x", "strings": ["a", "b"]}})),
        ];
        for record in records {
            let sent = serde_json::to_value(&record).unwrap();
            let create = types::DnsRecordCreateRequest::builder().zone("example.es").record(record);
            service.dns().create().body(create).send().await?;
            let name = sent["name"].as_str().unwrap();
            let made = with(&*service.dns().list().send().await?, "name", name);
            assert!(made.iter().any(|item| item["record"] == sent), "{sent}: {made:?}");
        }
        let made = with(&*service.dns().list().send().await?, "name", "note");
        assert_eq!(made[0]["record"]["data"], json!({"value": long}));
        let changed: types::DnsRecordUpdateRequest =
            body(json!({"zone": "example.es", "record": {"data": {"value": "short"}}}));
        service.dns().update().record_id(made[0]["id"].as_str().unwrap()).body(changed).send().await?;
        let made = with(&*service.dns().list().send().await?, "name", "note");
        assert_eq!(made[0]["record"]["data"], json!({"value": "short"}), "{made:?}");
        Ok(())
    });
}
