//! What pictures show, as a network sees it: EfficientNet-Lite0 (Apache-2.0), trained by others on `ImageNet`.
//!
//! `network` is the network, `tensors` reads its weights, `block` folds batch norms into them, `semantic` turns stills into tracks. Knows nothing of
//! stages and of what people feel about a picture (`affect` does).

mod block;
mod network;
mod semantic;
mod tensors;

pub(crate) use self::{
    network::EfficientNet,
    semantic::{FEATURES, semantic},
    tensors::NetworkFileError,
};
