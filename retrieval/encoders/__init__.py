"""Models that read: texts to vectors (encoders), questions with texts to scores (readers).

weights       files of packages, found and checked
e5, bert      what is in them, and BERT as an ONNX graph (onnx_format, protobuf)
packaged      the models that come with packages, made ready once
encoder       what an encoder is: OnnxEncoder (packaged), HubEncoder (any other)
cross_encoder what a reader is: the packaged one, any other, none
"""
