use super::*;
use bailiwick_api::dashboards::{After, Bucket, Chart, Compare, Measure, Outlier, Panel, PanelDimension, Unit, VolumeTier};

/// Headings, and the titles below each.
type Sections = &'static [(&'static str, &'static [&'static str])];

/// The panels of the source document, title by title and in its order.
const SOURCE: [(&str, Sections); 7] = [
    (
        "Collector Health Issues",
        &[(
            "",
            &[
                "Number of Orgs",
                "Number of Resources Impacted",
                "Health Event Types",
                "Impacted Resource Details",
                "Health Events Trend",
                "Latest Health Failure Summary",
            ],
        )],
    ),
    (
        "Credits",
        &[(
            "",
            &[
                "Infrequent Tier",
                "Frequent Tier",
                "Continuous Tier",
                "CSE Tier",
                "Credits Usage Trend - CSE",
                "Credits Usage Trend - Continuous",
                "Credits Usage Trend - Frequent",
                "Credits Usage Trend - Infrequent",
            ],
        )],
    ),
    (
        "Failed Records Analysis",
        &[(
            "",
            &[
                "Failed Records Count by Organizations",
                "Failed by _sourceCategory",
                "Failed Reasons",
                "Failed by _sourceCategory Trend",
                "Failed Records - Outlier",
                "Failed Reasons Trend",
                "Failed Records Summary",
                "Failed Records by _sourceCategory",
                "Last 1000 Failed Records",
            ],
        )],
    ),
    (
        "Ingest Summary",
        &[
            ("Total Ingest", &["Average Ingestion by Orgs", "Average Ingest Trend by Orgs", "Average Ingestion - Outlier by Orgs"]),
            (
                // "These panels present the same information as shown in Total Ingest above, but broken down by data tier."
                "Breakdown by Data Tiers",
                &[
                    "Continuous - Average Ingestion by Orgs",
                    "Continuous - Average Ingest Trend by Orgs",
                    "Continuous - Average Ingestion - Outlier by Orgs",
                    "CSE - Average Ingestion by Orgs",
                    "CSE - Average Ingest Trend by Orgs",
                    "CSE - Average Ingestion - Outlier by Orgs",
                    "Infrequent - Average Ingestion by Orgs",
                    "Infrequent - Average Ingest Trend by Orgs",
                    "Infrequent - Average Ingestion - Outlier by Orgs",
                    "Frequent - Average Ingestion by Orgs",
                    "Frequent - Average Ingest Trend by Orgs",
                    "Frequent - Average Ingestion - Outlier by Orgs",
                ],
            ),
        ],
    ),
    (
        "Ingestion by Source Category",
        &[(
            "",
            &[
                "Top 10 Sources by Daily Ingest",
                "Ingestion Trend",
                "Top 10 Sources Trend",
                "Source Category No Longer Sending Data (1d Time Comparison)",
            ],
        )],
    ),
    (
        "Insights",
        &[(
            "",
            &[
                "Insights - Created",
                "Insights - Updated",
                "Insights - Closed",
                "Insights - Created by Orgs",
                "Insights - Updated by Org",
                "Insights - Closed by Org",
                "Insights by Latest Status",
                "Insights - Average Time to Respond",
                "Insights - Average Time to Remediate",
                "Insights - Average Time to Respond by Orgs",
                "Insights - Average Time to Remediate by Orgs",
                "Insights Closed by User",
                "Insights Created Trend",
                "Insights Closed Trend",
                "Insights Created - Outlier",
                "Insights Closed - Outlier",
            ],
        )],
    ),
    (
        "Signals Analysis",
        &[(
            "",
            &[
                "Signals",
                "Signals by Organizations",
                "Signals Count - 4 Hours Time Comparison Window",
                "Signals Trend by Organization",
                "Signals Count Trend - Outlier by Orgs",
                "Signals Details",
            ],
        )],
    ),
];

#[test]
fn every_panel_of_the_source_document_exists_exactly_once_under_its_heading() {
    assert_eq!(FILES.files().count(), 7, "a file is not one of the seven");
    assert_eq!(shipped().len(), 7, "a file cannot be read");
    for ((title, sections), dashboard) in SOURCE.iter().zip(shipped()) {
        assert_eq!(dashboard.title, format!("MSSP - {title}"));
        assert_eq!(dashboard.name, title.to_lowercase().replace(' ', "-"));
        let here: Vec<(&str, Vec<&str>)> = dashboard
            .sections
            .iter()
            .map(|section| (section.title.as_str(), section.panels.iter().map(|panel| panel.title.as_str()).collect()))
            .collect();
        let there: Vec<(&str, Vec<&str>)> = sections.iter().map(|(heading, titles)| (*heading, titles.to_vec())).collect();
        assert_eq!(here, there, "{title}");
    }
    assert_eq!(shipped().iter().map(|dashboard| dashboard.panels().count()).collect::<Vec<_>>(), [6, 8, 9, 15, 4, 16, 6]);
}

#[test]
fn the_seven_are_sound_and_every_panel_says_what_it_counts() {
    for dashboard in shipped() {
        check(dashboard).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(dashboard.panels().all(|panel| panel.description.len() > 20), "{}", dashboard.name);
    }
    assert!(find("insights").is_some() && find("Insights").is_none() && find("../insights").is_none());
}

fn with(change: impl FnOnce(&mut Dashboard)) -> Result<(), Wrong> {
    let mut dashboard = find("signals-analysis").unwrap().clone();
    change(&mut dashboard);
    check(&dashboard)
}

fn panel(id: &str, change: impl FnOnce(&mut Panel)) -> String {
    let wrong = with(|dashboard| {
        let panel = dashboard.sections.iter_mut().flat_map(|section| &mut section.panels).find(|panel| panel.id == id).unwrap();
        change(panel);
    });
    wrong.unwrap_err().field
}

#[test]
fn what_makes_no_sense_is_refused_by_dashboard_panel_and_field() {
    assert_eq!(with(|dashboard| dashboard.name = "Bad Name".into()).unwrap_err().field, "name");
    assert_eq!(with(|dashboard| dashboard.range = "soon".into()).unwrap_err().field, "range");
    assert_eq!(with(|dashboard| dashboard.timeslice = "1y".into()).unwrap_err().field, "timeslice");
    assert_eq!(with(|dashboard| dashboard.sections.clear()).unwrap_err().field, "sections");
    let at = |field: &str, id: &str| format!("signals-analysis.{id}.{field}");
    assert_eq!(panel("signals", |panel| panel.group_by = vec![PanelDimension::Reason]), at("group_by", "signals"));
    assert_eq!(panel("signals", |panel| panel.group_by = vec![PanelDimension::Org]), at("chart", "signals"));
    assert_eq!(panel("signals", |panel| panel.unit = Unit::Gb), at("unit", "signals"));
    assert_eq!(panel("signals", |panel| panel.tiers = vec![VolumeTier::Cse]), at("tiers", "signals"));
    assert_eq!(panel("signals", |panel| panel.per_day = true), at("per_day", "signals"));
    assert_eq!(panel("signals", |panel| panel.bucket = Bucket::Sixths), at("chart", "signals"));
    assert_eq!(panel("signals", |panel| panel.chart = Chart::Pie), at("chart", "signals"));
    assert_eq!(panel("signals", |panel| panel.limit = Some(0)), at("limit", "signals"));
    assert_eq!(panel("signals", |panel| panel.range = Some("500d".into())), at("range", "signals"));
    assert_eq!(panel("signals", |panel| panel.after = Some(After::Outlier(Outlier::default()))), at("after", "signals"));
    assert_eq!(
        panel("signals", |panel| panel.after = Some(After::Compare(Compare { timeshift: "x".into() }))),
        at("after.compare.timeshift", "signals")
    );
    let rows = |panel: &mut Panel| (panel.measure, panel.unit) = (Measure::SignalRows, Unit::Rows);
    assert_eq!(panel("signals", rows), at("chart", "signals"));
    assert_eq!(panel("signals-details", |panel| panel.bucket = Bucket::Timeslice), at("bucket", "signals-details"));
    let outlier = "signals-count-trend-outlier-by-orgs";
    let params = |change: fn(&mut Outlier)| {
        panel(outlier, |panel| {
            let mut by = Outlier::default();
            change(&mut by);
            panel.after = Some(After::Outlier(by));
        })
    };
    assert_eq!(params(|by| by.window = 1), at("after.outlier.window", outlier));
    assert_eq!(params(|by| by.threshold = 0.0), at("after.outlier.threshold", outlier));
    assert_eq!(params(|by| by.consecutive = 101), at("after.outlier.consecutive", outlier));
    assert_eq!(panel(outlier, |panel| panel.chart = Chart::Lines), at("chart", outlier));
    assert_eq!(panel(outlier, |panel| panel.id = "signals".into()), at("id", "signals"));
    assert!(with(|_| {}).is_ok());
}
