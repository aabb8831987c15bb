"""Rules for parks as data: what a document asks (`definition`, `library`), whether it applies (`applies`), what a dispatch reaches (`measure`), the verdict
(`judge`) and what the rule costs (`price`). The rules themselves stand in ``gridsim/data/rules/*.yaml`` and in ``rules/*.yaml`` of a park's folder.
"""
