"""Models that read: texts to vectors (encoders), questions with texts to scores (readers).

bert, e5      BERT as an ONNX graph, and the weights at four bits of one of the models
encoder       what an encoder is, and the one that onnxruntime runs
packaged      the models that come with packages, checked and made ready once
hub           any other, by sentence-transformers
cross_encoder what a reader is: the packaged one, any other, none
"""
