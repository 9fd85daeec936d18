//! Who reads a comment.

crate::words::words!(
    /// Who reads a comment.
    Visibility {
        /// Technicians and the workspace's own people.
        Public = "PUBLIC",
        /// Technicians alone.
        Internal = "INTERNAL",
    }
);
