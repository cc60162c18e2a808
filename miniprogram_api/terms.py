"""What a person is told before the first field: who handles what, why, on what basis (PIPL articles 13, 17, 29)."""

from backend.accounts.rules import Purpose

TITLE = "个人信息处理说明"
HANDLER = "灵活平台受输出地、输入地人力资源和社会保障部门委托处理"
TERMS = (
    {
        "purpose": Purpose.BASIC,
        "title": "基本信息",
        "who": HANDLER,
        "what": "微信登录标识、手机号、姓名、身份证号",
        "why": "确认您本人与花名册是否一致，登录和联系您",
        "basis": "《个人信息保护法》第十三条：您的同意；为履行法定职责所必需",
        "kept": "花名册在输送结束 180 天后删除；登录和本人信息在您使用账号期间保存",
        "required": True,
        "otherwise": "不同意就不能在手机上登记，可以请社区或车站工作人员当面登记。",
    },
    {
        "purpose": Purpose.SENSITIVE,
        "title": "健康和行程（敏感个人信息）",
        "who": HANDLER + "，查验点在扫码时看到结果",
        "what": "体温、症状、接触史、核酸检测结果、您上传的健康证明、场所扫码和您允许时的位置",
        "why": "生成健康码，途中和到达时核验，及时发现异常",
        "basis": "《个人信息保护法》第二十九条：单独同意；《传染病防治法》",
        "kept": "健康申报 30 天、位置和扫码 14 天后自动删除",
        "required": True,
        "otherwise": "不同意就没有健康码，乘车前请到查验点人工登记。",
    },
    {
        "purpose": Purpose.SHARING,
        "title": "向输入地和用工企业提供",
        "who": "输入地人力资源和社会保障部门、输入地所在省的健康码主管部门、接收您的用工企业",
        "what": "输入地：完整姓名、身份证号、联系电话、行程；省健康码：姓名和身份证号，用来查它给您的颜色；"
        "企业：只知道是否可以上岗，看不到健康信息",
        "why": "安排接站、上岗，出发前知道输入地的健康码会不会拦您",
        "basis": "《个人信息保护法》第二十三条：单独同意",
        "kept": "输送结束 14 天后对方自动看不到",
        "required": False,
        "otherwise": "不同意也能亮码乘车。输入地依法只能看到打了星号的姓名、健康码颜色和是否到达；到达后请自己报到。",
    },
)
