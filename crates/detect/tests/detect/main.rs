//! What a node relies on: rules load from wherever they are kept, the starter pack does what it says, correlations fire
//! when they should and survive a restart, and public rules find what they are known to find.

mod loading;
mod modifiers;
mod overlay;
mod pipelines;
mod products;
mod routing;
mod shared_rules;
mod starter_pack;
mod support;
mod windows;
