mod batches;
mod honest;
mod measure;
pub(crate) mod sink;
