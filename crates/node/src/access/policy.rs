//! Who may do what: one `match`. Its table stands in `golden/node-access.txt`.

use bailiwick_api::Role;

/// Who acts on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Runs the node; sees no customer's data.
    Operator,
    /// A workspace's own administrator, the customer's.
    Admin,
    /// A console that keeps its technicians at a workspace in step; sees no data.
    Console,
    /// A person who acts on behalf of the MSSP, with the lower of the two roles granted.
    Technician(Role),
}

impl Who {
    /// Everybody there is.
    pub const ALL: &'static [Self] = &[
        Self::Operator,
        Self::Admin,
        Self::Console,
        Self::Technician(Role::Viewer),
        Self::Technician(Role::Analyst),
        Self::Technician(Role::Administrator),
    ];
}

/// What can be done on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Make and list workspaces.
    ManageWorkspaces,
    /// Make, change and switch collectors, sources and their keys.
    ManageSources,
    /// Upload, test and enable parsers; list and replay failed records.
    ManageParsers,
    /// Switch rules; write exceptions, entities' criticality, custom insights and rules.
    ManageDetection,
    /// Set how long each tier is kept.
    ManageRetention,
    /// Set the licence.
    ManageLicence,
    /// Tell the console how the workspace stands, and take what it sets for every customer.
    Sync,
    /// See health, volumes and counters.
    ViewHealth,
    /// Write technicians, as the console granted them.
    ManageTechnicians,
    /// Suspend, resume and end one's own enrolment, as the console that has it.
    ManageEnrolment,
    /// See who may act here, revoke and restore them.
    ReviewAccess,
    /// Read the audit.
    ViewAudit,
    /// Read investigations, their signals, rules and the records behind them.
    ViewInvestigations,
    /// Change investigations.
    EditInvestigations,
    /// Say something about an investigation that everybody reads.
    CommentInvestigations,
    /// Search the lake.
    SearchLogs,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Self] = &[
        Self::ManageWorkspaces,
        Self::ManageSources,
        Self::ManageParsers,
        Self::ManageDetection,
        Self::ManageRetention,
        Self::ManageLicence,
        Self::Sync,
        Self::ViewHealth,
        Self::ManageTechnicians,
        Self::ManageEnrolment,
        Self::ReviewAccess,
        Self::ViewAudit,
        Self::ViewInvestigations,
        Self::EditInvestigations,
        Self::CommentInvestigations,
        Self::SearchLogs,
    ];

    /// The action as a refusal names it.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::ManageWorkspaces => "workspaces.manage",
            Self::ManageSources => "sources.manage",
            Self::ManageParsers => "parsers.manage",
            Self::ManageDetection => "detection.manage",
            Self::ManageRetention => "retention.manage",
            Self::ManageLicence => "licence.manage",
            Self::Sync => "sync",
            Self::ViewHealth => "health.view",
            Self::ManageTechnicians => "technicians.manage",
            Self::ManageEnrolment => "enrolment.manage",
            Self::ReviewAccess => "access.review",
            Self::ViewAudit => "audit.view",
            Self::ViewInvestigations => "investigations.view",
            Self::EditInvestigations => "investigations.edit",
            Self::CommentInvestigations => "investigations.comment",
            Self::SearchLogs => "logs.search",
        }
    }
}

/// The decision.
pub const fn allows(who: Who, action: Action) -> bool {
    use Action::*;
    match who {
        Who::Operator => matches!(action, ManageWorkspaces | ManageLicence),
        Who::Admin => matches!(
            action,
            ManageSources
                | ManageParsers
                | ManageDetection
                | ManageRetention
                | ViewHealth
                | ReviewAccess
                | ViewAudit
                | ViewInvestigations
                | CommentInvestigations
                | SearchLogs
        ),
        Who::Console => matches!(action, ManageTechnicians | ManageLicence | ManageEnrolment | Sync),
        Who::Technician(Role::Viewer) => matches!(action, ViewInvestigations | ViewHealth),
        Who::Technician(Role::Analyst | Role::Administrator) => {
            matches!(action, ViewInvestigations | EditInvestigations | CommentInvestigations | SearchLogs | ViewHealth)
        }
    }
}
