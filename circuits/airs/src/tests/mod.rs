mod batches;
mod honest;
pub(crate) mod sink;
