//! The one place that says which role may do which action.

use bailiwick_api::Role;

/// What a person may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// See which customers there are, and their health.
    ViewCustomers,
    /// Read investigations, their signals, rules and records.
    ViewInvestigations,
    /// Change investigations.
    EditInvestigations,
    /// Search a customer's logs.
    SearchLogs,
    /// Add customers.
    ManageCustomers,
    /// Give, change and take away grants.
    ManageGrants,
    /// Make people.
    ManageUsers,
    /// Set the pool of licences, and allocate.
    ManageLicences,
    /// Read the audit: of what one may see.
    ViewAudit,
    /// Check that the whole of the audit is as it was written.
    VerifyAudit,
    /// Save dashboards: administrators, and whom one of them allowed it.
    SaveDashboards,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Self] = &[
        Self::ViewCustomers,
        Self::ViewInvestigations,
        Self::EditInvestigations,
        Self::SearchLogs,
        Self::ManageCustomers,
        Self::ManageGrants,
        Self::ManageUsers,
        Self::ManageLicences,
        Self::ViewAudit,
        Self::VerifyAudit,
        Self::SaveDashboards,
    ];

    /// The permission, as a refusal names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewCustomers => "view_customers",
            Self::ViewInvestigations => "view_investigations",
            Self::EditInvestigations => "edit_investigations",
            Self::SearchLogs => "search_logs",
            Self::ManageCustomers => "manage_customers",
            Self::ManageGrants => "manage_grants",
            Self::ManageUsers => "manage_users",
            Self::ManageLicences => "manage_licences",
            Self::ViewAudit => "view_audit",
            Self::VerifyAudit => "verify_audit",
            Self::SaveDashboards => "save_dashboards",
        }
    }
}

/// Whether a role permits an action. Asked twice: with the role at the console, and with the role granted on the customer.
pub const fn permits(role: Role, action: Action) -> bool {
    match action {
        Action::ViewCustomers | Action::ViewInvestigations | Action::ViewAudit => true,
        Action::EditInvestigations | Action::SearchLogs => matches!(role, Role::Analyst | Role::Administrator),
        Action::ManageCustomers
        | Action::ManageGrants
        | Action::ManageUsers
        | Action::ManageLicences
        | Action::VerifyAudit
        | Action::SaveDashboards => {
            matches!(role, Role::Administrator)
        }
    }
}
